/** What all loaders are made of. */

import DataLoader from 'dataloader'

/** A loader of what `fetch` gives as a Map. */
export function batched(fetch) {
  return new DataLoader(async (keys) => {
    const found = await fetch(keys)
    return keys.map((key) => found.get(key) ?? null)
  }, { maxBatchSize: 1_000 })
}

/** What a loader has for some ids, by id. Unlike `loadMany` it throws when a batch failed. */
export async function loadMap(loader, ids) {
  const distinct = [...new Set(ids)]
  const values = await Promise.all(distinct.map((id) => loader.load(id)))
  const found = new Map()
  values.forEach((value, place) => {
    if (value !== null) found.set(distinct[place], value)
  })
  return found
}

/** The records that pass, by id. */
export function keep(records, passes) {
  const kept = new Map()
  for (const record of records) if (passes(record)) kept.set(record.entityId, record)
  return kept
}

/** Pages with the rows that `visible` finds, which may make them shorter. */
export async function withoutHidden(pages, visible) {
  const kept = await visible(Array.from(pages.values(), (page) => page.rows).flat())
  const shown = ({ rows, hasMore }) => ({
    rows: rows.flatMap((row) => kept.get(row.entityId) ?? []),
    hasMore
  })
  return new Map(Array.from(pages, ([parent, page]) => [parent, shown(page)]))
}
