/** Redis: the connection, and how values are packed. */

import { Redis } from 'ioredis'
import { Packr } from 'msgpackr'

const packr = new Packr({ useRecords: false })

/** A value as MessagePack, in the types that any language reads. */
export const pack = (value) => packr.pack(value)

/** The value of some MessagePack. */
export const unpack = (buffer) => packr.unpack(buffer)

/** A connected client. */
export async function connectRedis({ redisUrl }) {
  const redis = new Redis(redisUrl, { lazyConnect: true, enableAutoPipelining: true })
  await redis.connect()
  return redis
}
