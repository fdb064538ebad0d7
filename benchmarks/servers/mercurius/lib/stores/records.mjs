/** Records by id, and in pages of lists. */

import { objectIds } from '../domain/ids.mjs'
import { BATCH, pagesByParent } from './mongo.mjs'

/** Reads one collection of records, which are kept by id. */
export class RecordStore {
  #database
  #name
  #toRecord
  #keep

  constructor(database, name, toRecord, keep) {
    this.#database = database
    this.#name = name
    this.#toRecord = toRecord
    this.#keep = keep
  }

  /** The records that exist, by id. */
  getMany(ids) {
    return this.#keep(ids, (missing) => this.#load(missing))
  }

  /** A page of each parent's records; `list` says of which field, matching what, in which order. */
  pages(ids, list) {
    return pagesByParent(this.#database, {
      ...list,
      from: this.#name,
      ids,
      toRecord: this.#toRecord
    })
  }

  /** The id of the first record that matches, or null. */
  async findId(match) {
    const found = await this.#collection().findOne(match, { projection: { _id: 1 } })
    return found && found._id.toHexString()
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
