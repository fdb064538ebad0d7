/**
 * Resolvers: only of fields that a record does not hold under its own name.
 *
 * They give promises of loaders and are not `async` themselves: one promise less for each field.
 */

import { GraphQLScalarType } from 'graphql'
import { imageUrl } from './domain/images.mjs'
import { typedId } from './domain/ids.mjs'
import { badUserInput } from './errors.mjs'
import { homeFeedPage } from './home-feed.mjs'

const DEFAULT_PAGE = 25
const MAX_PAGE = 100
const MAX_PINS = 100

/** The resolvers of all types. */
export function createResolvers({ imageProxyUrl }) {
  return {
    DateTime: new GraphQLScalarType({
      name: 'DateTime',
      serialize: (moment) => moment.toISOString()
    }),
    Query: {
      viewer: (_root, _args, { viewer }) => (viewer.userId === null ? null : viewer),
      user: async (_root, { by }, { loaders }) => {
        const id = await loaders.userIdByName(by.username)
        return id && loaders.users.load(id)
      },
      pin: (_root, { id }, { loaders }) => loaders.pins.load(typedId('Pin', 'id', id)),
      pins: (_root, { ids }, { loaders }) => {
        if (ids.length > MAX_PINS) throw badUserInput(`\`ids\` takes at most ${MAX_PINS}.`)
        return ids.map((id) => loaders.pins.load(typedId('Pin', 'ids', id)))
      }
    },
    Viewer: {
      homeFeed: (_viewer, { first, includePromoted }, context) => {
        if (includePromoted) throw badUserInput('There are no promoted pins here.')
        return homeFeedPage(context, pageSize(first))
      }
    },
    User: {
      boards: (user, { first }, { loaders }) =>
        connection(loaders.boardsOf(user.entityId, pageSize(first)))
    },
    Board: {
      owner: (board, _args, { loaders }) => loaders.users.load(board.ownerId),
      pins: (board, { first }, { loaders }) =>
        connection(loaders.pinsOn(board.entityId, pageSize(first)))
    },
    Pin: {
      creator: (pin, _args, { loaders }) => loaders.users.load(pin.creatorId),
      owner: (pin, _args, { loaders }) => loaders.users.load(pin.ownerId),
      board: (pin, _args, { loaders }) => loaders.boards.load(pin.boardId),
      comments: (pin, { first }, { loaders }) =>
        connection(loaders.commentsOn(pin.entityId, pageSize(first))),
      related: (pin, { first }, { loaders }) =>
        connection(loaders.relatedTo(pin.rootId, pageSize(first)))
    },
    Comment: {
      author: (comment, _args, { loaders }) => loaders.users.load(comment.authorId),
      pin: (comment, _args, { loaders }) => loaders.pins.load(comment.pinId)
    },
    Image: {
      url: (image, args) => imageUrl(image, imageProxyUrl, args)
    }
  }
}

async function connection(page) {
  const { rows, hasMore } = (await page) ?? EMPTY
  return { edges: rows.map((node) => ({ node })), pageInfo: { hasNextPage: hasMore } }
}

const EMPTY = { rows: [], hasMore: false }

function pageSize(first) {
  const size = first ?? DEFAULT_PAGE
  if (size >= 0 && size <= MAX_PAGE) return size
  throw badUserInput(`\`first\` must be from 0 to ${MAX_PAGE}; it was ${size}.`)
}
