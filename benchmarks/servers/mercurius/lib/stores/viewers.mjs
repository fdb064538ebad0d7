/** What concerns one viewer alone: read anew by every request, but with CACHE=all. */

import { objectId } from '../domain/ids.mjs'
import { BATCH } from './mongo.mjs'

const MAX_HIDES = 5_000

/** Reads blocks and hidden pins. */
export class ViewerStore {
  #blocks
  #hides
  #keepBlocks
  #keepHides

  constructor(database, { keepBlocks, keepHides }) {
    this.#blocks = database.collection('blocks')
    this.#hides = database.collection('hides')
    this.#keepBlocks = keepBlocks
    this.#keepHides = keepHides
  }

  /** The ids of all users with whom a block stands, whoever made it. */
  async blockedIds(userId) {
    const read = async () => new Map([[userId, await this.#readBlocked(userId)]])
    return (await this.#keepBlocks([userId], read)).get(userId)
  }

  /** The roots of the pins that a user hid, the newest of them. */
  async hiddenRootIds(userId) {
    const read = async () => new Map([[userId, await this.#readHidden(userId)]])
    return (await this.#keepHides([userId], read)).get(userId)
  }

  async #readBlocked(userId) {
    const user = objectId(userId)
    const query = { $or: [{ blocker_id: user }, { blocked_id: user }] }
    const ends = { projection: { _id: 0, blocker_id: 1, blocked_id: 1 }, ...BATCH }
    const found = await this.#blocks.find(query, ends).toArray()
    const ids = found.flatMap(({ blocker_id, blocked_id }) => [blocker_id, blocked_id])
    return new Set(ids.map((id) => id.toHexString()).filter((id) => id !== userId))
  }

  async #readHidden(userId) {
    const found = await this.#hides
      .aggregate([
        { $match: { user_id: objectId(userId) } },
        { $sort: { _id: -1 } },
        { $limit: MAX_HIDES },
        { $group: { _id: null, rootIds: { $push: '$root_id' } } }
      ])
      .toArray()
    return new Set(found.flatMap(({ rootIds }) => rootIds).map((id) => id.toHexString()))
  }
}
