/** Feed sessions in Redis, as Pinery keeps them. */

import { unpack } from './redis.mjs'

/** Reads sessions, and keeps them for `ttlS` seconds after that. */
export class FeedStore {
  #redis
  #ttlS

  constructor(redis, ttlS) {
    this.#redis = redis
    this.#ttlS = ttlS
  }

  /** The items of a viewer's latest session, `{ pinId, rootId }` each; null without one. */
  async currentItems(viewerId) {
    const sessionId = await this.#redis.getex(`feed:v1:current:${viewerId}`, 'EX', this.#ttlS)
    if (sessionId === null) return null
    const stored = await this.#redis.getexBuffer(`feed:v1:{${sessionId}}`, 'EX', this.#ttlS)
    return stored && unpack(stored).items.map(([pinId, rootId]) => ({ pinId, rootId }))
  }
}
