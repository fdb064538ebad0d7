/** Records by id, and in pages of lists. */

import { objectIds } from '../domain/ids.mjs'
import { BATCH, pagesByParent } from './mongo.mjs'

/** Reads one collection of records, which are kept by id. */
export class RecordStore {
  #database
  #name
  #toRecord
  #keep
  #keepIds
  #keepPages

  constructor(database, name, toRecord, { keep, keepIds, keepPages }) {
    this.#database = database
    this.#name = name
    this.#toRecord = toRecord
    this.#keep = keep
    this.#keepIds = keepIds
    this.#keepPages = keepPages
  }

  /** The records that exist, by id. */
  getMany(ids) {
    return this.#keep(ids, (missing) => this.#load(missing))
  }

  /**
   * A page of each parent's records, called `name`; `list` says of which field, matching what, in
   * which order.
   */
  pages(name, ids, list) {
    return this.#keepPages(name)(ids, (missing) =>
      pagesByParent(this.#database, {
        ...list,
        from: this.#name,
        ids: missing,
        toRecord: this.#toRecord
      })
    )
  }

  /** The id of the record with a value in a field that is unique, or null. */
  async idBy(field, value) {
    const found = await this.#keepIds([value], async () => {
      const row = await this.#collection().findOne({ [field]: value }, { projection: { _id: 1 } })
      return new Map(row ? [[value, row._id.toHexString()]] : [])
    })
    return found.get(value) ?? null
  }

  #collection() {
    return this.#database.collection(this.#name)
  }

  async #load(ids) {
    const query = { _id: { $in: objectIds(ids) } }
    const found = await this.#collection().find(query, BATCH).toArray()
    return new Map(found.map(this.#toRecord).map((record) => [record.entityId, record]))
  }
}
