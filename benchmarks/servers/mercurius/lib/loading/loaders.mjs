/**
 * The loaders of one request: batches, what was loaded before, and who may see what.
 *
 * A loader gives null for what does not exist, and for what the viewer may not see: no difference
 * can be told.
 */

import { boardPrivacies, mayViewBoard, mayViewPin, mayViewUser } from '../domain/policies.mjs'
import { firstPage } from '../domain/related.mjs'
import { batched, keep, loadMap, withoutHidden } from './batches.mjs'

/** Made for one request, used by its resolvers. */
export class Loaders {
  #stores
  #viewer
  #blocked
  #hidden
  #pages = new Map()

  constructor(stores, viewer) {
    this.#stores = stores
    this.#viewer = viewer
    this.users = batched((ids) => this.#usersById(ids))
    this.boards = batched((ids) => this.#boardsById(ids))
    this.pins = batched((ids) => this.#pinsById(ids))
  }

  /** The id of a username, whether or not the viewer may see the user. */
  userIdByName(username) {
    return this.#stores.users.idBy('username', username.toLowerCase())
  }

  /** A page of a user's boards, last saved to first. */
  boardsOf(ownerId, limit) {
    const privacies = boardPrivacies(this.#viewer, ownerId)
    const list = {
      field: 'owner_id',
      match: { privacy: { $in: privacies }, archived_at: null },
      sort: { pins_modified_at: -1, _id: -1 },
      limit
    }
    const name = `boards ${limit} ${privacies}`
    const loader = this.#pageLoader(name, async (ownerIds) => {
      const pages = await this.#stores.boards.pages(name, ownerIds, list)
      const visible = (boards) => this.#primed(this.boards, this.#visibleBoards(boards))
      return withoutHidden(pages, visible)
    })
    return loader.load(ownerId)
  }

  /** A page of a board's pins, in its owner's order. */
  pinsOn(boardId, limit) {
    const list = { field: 'board_id', sort: { position: 1, _id: 1 }, limit }
    const name = `pins ${limit}`
    const loader = this.#pageLoader(name, async (boardIds) => {
      const pages = await this.#stores.pins.pages(name, boardIds, list)
      const visible = (pins) => this.#primed(this.pins, this.#visiblePins(pins))
      return withoutHidden(pages, visible)
    })
    return loader.load(boardId)
  }

  /** A page of a pin's comments, newest first. */
  commentsOn(pinId, limit) {
    const loader = this.#pageLoader(`comments ${limit}`, async (pinIds) => {
      const pages = await this.#stores.comments.pagesByPin(pinIds, limit)
      return withoutHidden(pages, (comments) => this.#visibleComments(comments))
    })
    return loader.load(pinId)
  }

  /** A page of the pins that are related to a root, best first. */
  relatedTo(rootId, limit) {
    const loader = this.#pageLoader(`related ${limit}`, async (rootIds) => {
      const related = await this.#stores.related.getMany(rootIds)
      const pages = new Map()
      for (const [root, ranked] of related) pages.set(root, firstPage(ranked, limit))
      return withoutHidden(pages, (rows) => loadMap(this.pins, rows.map((row) => row.entityId)))
    })
    return loader.load(rootId)
  }

  /** The items of the viewer's feed session; null without one. */
  feedItems() {
    return this.#stores.feeds.currentItems(this.#viewer.userId)
  }

  /** The visible pins of feed items, by id, without those that the viewer has hidden. */
  async unhiddenPins(items) {
    this.#hidden ??= this.#stores.viewers.hiddenRootIds(this.#viewer.userId)
    const hidden = await this.#hidden
    const shown = items.filter((item) => !hidden.has(item.rootId))
    return loadMap(this.pins, shown.map((item) => item.pinId))
  }

  async #usersById(ids) {
    const users = await this.#stores.users.getMany(ids)
    const blocked = await this.#blockedIds()
    return keep(users.values(), (user) => mayViewUser(this.#viewer, user, blocked))
  }

  async #boardsById(ids) {
    const boards = await this.#stores.boards.getMany(ids)
    return this.#visibleBoards([...boards.values()])
  }

  async #pinsById(ids) {
    const pins = await this.#stores.pins.getMany(ids)
    return this.#visiblePins([...pins.values()])
  }

  async #visibleBoards(boards) {
    const owners = await loadMap(this.users, boards.map((board) => board.ownerId))
    return keep(boards, (board) => mayViewBoard(this.#viewer, board, owners.get(board.ownerId)))
  }

  async #visiblePins(pins) {
    const [boards, owners] = await Promise.all([
      loadMap(this.boards, pins.map((pin) => pin.boardId)),
      loadMap(this.users, pins.map((pin) => pin.ownerId))
    ])
    return keep(pins, (pin) =>
      mayViewPin(this.#viewer, boards.get(pin.boardId), owners.get(pin.ownerId))
    )
  }

  async #visibleComments(comments) {
    const [pins, authors] = await Promise.all([
      loadMap(this.pins, comments.map((comment) => comment.pinId)),
      loadMap(this.users, comments.map((comment) => comment.authorId))
    ])
    return keep(comments, (comment) => pins.has(comment.pinId) && authors.has(comment.authorId))
  }

  /** Whom a block stands with, read once. */
  #blockedIds() {
    const { userId } = this.#viewer
    this.#blocked ??= userId === null ? new Set() : this.#stores.viewers.blockedIds(userId)
    return this.#blocked
  }

  /** Tells a loader by id of what was read and found visible in another way. */
  async #primed(loader, visible) {
    const records = await visible
    for (const [id, record] of records) loader.prime(id, record)
    return records
  }

  #pageLoader(name, fetch) {
    let loader = this.#pages.get(name)
    if (loader === undefined) this.#pages.set(name, (loader = batched(fetch)))
    return loader
  }
}
