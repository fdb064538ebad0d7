/** Feed sessions in Redis, as Pinery keeps them. */

import { unpack } from './redis.mjs'

/** Reads sessions, and keeps them for `ttlS` seconds after that. */
export class FeedStore {
  #redis
  #ttlS
  #keep

  constructor(redis, ttlS, keep) {
    this.#redis = redis
    this.#ttlS = ttlS
    this.#keep = keep
  }

  /** The items of a viewer's latest session, `{ pinId, rootId }` each; null without one. */
  async currentItems(viewerId) {
    const sessionId = await this.#redis.getex(`feed:v1:current:${viewerId}`, 'EX', this.#ttlS)
    if (sessionId === null) return null
    const found = await this.#keep([sessionId], () => this.#items(sessionId))
    return found.get(sessionId) ?? null
  }

  async #items(sessionId) {
    const stored = await this.#redis.getexBuffer(`feed:v1:{${sessionId}}`, 'EX', this.#ttlS)
    if (stored === null) return new Map()
    const items = unpack(stored).items.map(([pinId, rootId]) => ({ pinId, rootId }))
    return new Map([[sessionId, items]])
  }
}
