/** Comments. A reply has a parent; a pin's list holds only what has none. */

import { commentRecord } from '../domain/records.mjs'
import { pagesByParent } from './mongo.mjs'

/** Reads comments. */
export class CommentStore {
  #database
  #keepPages

  constructor(database, keepPages) {
    this.#database = database
    this.#keepPages = keepPages
  }

  /** A page of each pin's comments, newest first, without replies. */
  pagesByPin(pinIds, limit) {
    return this.#keepPages(limit)(pinIds, (missing) =>
      pagesByParent(this.#database, {
        from: 'comments',
        field: 'pin_id',
        ids: missing,
        // By type and not by null, for which the index would be read at two places.
        match: { parent_id: { $type: 'null' } },
        sort: { _id: -1 },
        limit,
        toRecord: commentRecord
      })
    )
  }
}
