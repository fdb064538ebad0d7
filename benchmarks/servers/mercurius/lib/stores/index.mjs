/** The stores of this process: MongoDB, Redis, and what is kept of them in memory. */

import { boardRecord, pinRecord, userRecord } from '../domain/records.mjs'
import { CommentStore } from './comments.mjs'
import { FeedStore } from './feeds.mjs'
import { createKeeper } from './keeper.mjs'
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
  return {
    users: new RecordStore(database, 'users', userRecord, keeper()),
    boards: new RecordStore(database, 'boards', boardRecord, keeper()),
    pins: new RecordStore(database, 'pins', pinRecord, keeper()),
    comments: new CommentStore(database),
    viewers: new ViewerStore(database),
    related: new RelatedStore(database, redis, keeper()),
    feeds: new FeedStore(redis, settings.feedSessionTtlS),
    close: async () => {
      await client.close()
      await redis.quit()
    }
  }
}
