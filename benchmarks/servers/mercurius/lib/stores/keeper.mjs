/** What is kept in this process between requests, if anything is: records, and with them lists. */

import { LRUCache } from 'lru-cache'

/**
 * A function `(ids, load) => Map` that gives the values of ids. `load` is asked for those that are
 * not kept, all at once; ids that have no value are asked for each time.
 */
export function createKeeper({ cache, cacheEntries, cacheTtlMs }) {
  if (!cache) return (ids, load) => load(ids)
  const kept = new LRUCache({ max: cacheEntries, ttl: cacheTtlMs })
  return async (ids, load) => {
    const found = new Map()
    const missing = []
    for (const id of ids) {
      const value = kept.get(id)
      if (value === undefined) missing.push(id)
      else found.set(id, value)
    }
    if (missing.length > 0) {
      for (const [id, value] of await load(missing)) {
        kept.set(id, value)
        found.set(id, value)
      }
    }
    return found
  }
}

/** The same for what is kept only with CACHE=all. */
export const createListKeeper = (settings) =>
  createKeeper({ ...settings, cache: settings.cachesLists })

/** A function from the name of a list to its keeper, by parent. */
export function createPageKeepers(settings) {
  const keepers = new Map()
  return (name) => {
    if (!keepers.has(name)) keepers.set(name, createListKeeper(settings))
    return keepers.get(name)
  }
}
