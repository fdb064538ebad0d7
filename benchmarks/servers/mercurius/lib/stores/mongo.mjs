/** MongoDB: the connection, and the top of many lists in one round trip. */

import { MongoClient } from 'mongodb'
import { objectIds } from '../domain/ids.mjs'

/** More than any batch: a cursor that ends in its first answer costs no second one. */
export const BATCH = { batchSize: 1_000 }

/** A connected client and its database. */
export async function connectMongo({ mongoUrl, database }) {
  const client = new MongoClient(mongoUrl, { maxPoolSize: 100 })
  await client.connect()
  return { client, database: client.db(database) }
}

/** What a stage `$documents` lists: one document for each id. */
export const parents = (ids) => ({ $documents: objectIds(ids).map((_id) => ({ _id })) })

/** A stage that runs a bounded pipeline on another collection for each document. */
export const lookup = (from, localField, foreignField, pipeline, as) => ({
  $lookup: { from, localField, foreignField, pipeline, as }
})

/**
 * The same page of children for each of many parents, as a Map from id to
 * `{ rows, hasMore }`: one aggregation, one bounded index scan a parent.
 */
export async function pagesByParent(database, list) {
  const { from, field, ids, match = {}, sort, limit, toRecord } = list
  // One row more than the page tells whether there is more.
  const page = [{ $match: match }, { $sort: sort }, { $limit: limit + 1 }]
  const stages = [parents(ids), lookup(from, '_id', field, page, 'rows')]
  const found = await database.aggregate(stages, BATCH).toArray()
  return new Map(
    found.map(({ _id, rows }) => [
      _id.toHexString(),
      { rows: rows.slice(0, limit).map(toRecord), hasMore: rows.length > limit }
    ])
  )
}
