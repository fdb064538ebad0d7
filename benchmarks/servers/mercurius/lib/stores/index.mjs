/** The stores of this process: MongoDB, Redis, and what is kept of them in memory. */

import { boardRecord, pinRecord, userRecord } from '../domain/records.mjs'
import { CommentStore } from './comments.mjs'
import { FeedStore } from './feeds.mjs'
import { createKeeper, createListKeeper, createPageKeepers } from './keeper.mjs'
import { connectMongo } from './mongo.mjs'
import { RecordStore } from './records.mjs'
import { connectRedis } from './redis.mjs'
import { RelatedStore } from './related.mjs'
import { ViewerStore } from './viewers.mjs'

/** Connects to both, and gives what reads them; `close` ends all connections. */
export async function openStores(settings) {
  const { client, database } = await connectMongo(settings)
  const redis = await connectRedis(settings)
  const keeper = () => createKeeper(settings)
  const listKeeper = () => createListKeeper(settings)
  const records = (name, toRecord) =>
    new RecordStore(database, name, toRecord, {
      keep: keeper(),
      keepIds: listKeeper(),
      keepPages: createPageKeepers(settings)
    })
  return {
    users: records('users', userRecord),
    boards: records('boards', boardRecord),
    pins: records('pins', pinRecord),
    comments: new CommentStore(database, createPageKeepers(settings)),
    viewers: new ViewerStore(database, { keepBlocks: listKeeper(), keepHides: listKeeper() }),
    related: new RelatedStore(database, redis, keeper()),
    feeds: new FeedStore(redis, settings.feedSessionTtlS, listKeeper()),
    close: async () => {
      await client.close()
      await redis.quit()
    }
  }
}
