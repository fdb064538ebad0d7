/**
 * Related pins from the pin–board graph: bounded reads, ranked by `domain/related.mjs`, kept in
 * Redis. What was found is the same for every viewer.
 */

import { rankByTopic, rankRelated, together } from '../domain/related.mjs'
import { objectIds } from '../domain/ids.mjs'
import { BATCH, lookup, parents } from './mongo.mjs'
import { pack, unpack } from './redis.mjs'

const LIMIT = 200 // related pins that are kept for a root
const ENOUGH = 50 // a root with fewer than this from the graph is filled up by topic
const BOARDS = { total: 600, most: 40 } // boards that one call samples, and those of one root
const PINS_OF_BOARD = 60
const WEIGHED = { total: 3_000, most: 300 } // roots whose facts one call reads, those of one root
const TOPICS = 60
const PINS_OF_TOPIC = 60
const TTL_S = 3_600
const EMPTY_TTL_S = 60

const FACTS = { aggregated_save_count: 1, topic_ids: 1 }
const PUBLIC_ROOTS = { privacy: 'PUBLIC', is_repin: false }

const keyOf = (rootId) => `related:v1:${rootId}`

/** Finds what is related to roots, many at a time. */
export class RelatedStore {
  #database
  #redis
  #keep

  constructor(database, redis, keep) {
    this.#database = database
    this.#redis = redis
    this.#keep = keep
  }

  /** The related roots of each root, best first, as pairs of an id and a score. */
  getMany(rootIds) {
    return this.#keep(rootIds, (missing) => this.#load(missing))
  }

  async #load(rootIds) {
    const found = await this.#read(rootIds)
    const missing = rootIds.filter((root) => !found.has(root))
    if (missing.length === 0) return found
    const computed = await this.#compute(missing)
    await this.#write(computed)
    return new Map([...found, ...computed])
  }

  async #read(rootIds) {
    const stored = await this.#redis.mgetBuffer(rootIds.map(keyOf))
    const found = new Map()
    rootIds.forEach((root, place) => {
      if (stored[place] !== null) found.set(root, unpack(stored[place]))
    })
    return found
  }

  async #write(computed) {
    await Promise.all(
      Array.from(computed, ([root, related]) => {
        const jitter = 0.9 + Math.random() * 0.2
        const ttlS = (related.length > 0 ? TTL_S : EMPTY_TTL_S) * jitter
        return this.#redis.set(keyOf(root), pack(related), 'PX', Math.floor(ttlS * 1_000))
      })
    )
  }

  async #compute(roots) {
    const samples = await this.#neighbourhoods(roots)
    const limit = share(WEIGHED, roots.length)
    const weights = new Map(
      roots.map((root) => [root, together(root, samples.get(root) ?? [], limit)])
    )
    const others = Array.from(weights.values(), (each) => [...each.keys()]).flat()
    const facts = await this.#facts(new Set([...roots, ...others]))
    const related = new Map(
      roots.map((root) => [
        root,
        facts.has(root) ? rankRelated(facts.get(root), weights.get(root), facts, LIMIT) : []
      ])
    )
    await this.#fillUp(related, facts)
    return related
  }

  /** Adds pins on the same topics, behind everything that the graph knows. */
  async #fillUp(related, facts) {
    const lacking = [...related.keys()].filter(
      (root) => related.get(root).length < ENOUGH && facts.has(root)
    )
    const topics = new Set(lacking.flatMap((root) => [...facts.get(root).topicIds].sort()))
    if (topics.size === 0) return
    const onTopics = await this.#onTopics([...topics].slice(0, TOPICS))
    for (const root of lacking) {
      const found = related.get(root)
      const known = new Set(found.map(([id]) => id))
      const floor = found.length > 0 ? found.at(-1)[1] : 1
      const own = new Map()
      for (const topic of facts.get(root).topicIds) {
        for (const candidate of onTopics.get(topic) ?? []) own.set(candidate.rootId, candidate)
      }
      const alike = rankByTopic(facts.get(root), own.values(), ENOUGH - found.length, known)
      // Ever so slightly less from one to the next: a page sorts equal scores by id.
      const filling = alike.map(([id, score], place) => [
        id,
        score * floor * (0.999 - place * 1e-6)
      ])
      related.set(root, [...found, ...filling])
    }
  }

  /** For each root, public boards that hold it, and newest pins on them: one round trip. */
  async #neighbourhoods(roots) {
    const holders = [
      { $match: { privacy: 'PUBLIC' } },
      { $sort: { _id: -1 } },
      { $limit: share(BOARDS, roots.length) },
      { $project: { _id: 0, board_id: 1 } }
    ]
    const mates = [
      { $sort: { _id: -1 } },
      { $limit: PINS_OF_BOARD },
      { $project: { _id: 0, root_id: 1 } }
    ]
    const stages = [
      parents(roots),
      lookup('pins', '_id', 'root_id', holders, 'holders'),
      { $project: { board_id: { $setUnion: ['$holders.board_id', []] } } },
      { $unwind: '$board_id' },
      lookup('boards', 'board_id', '_id', [{ $project: { pin_count: 1 } }], 'board'),
      lookup('pins', 'board_id', 'board_id', mates, 'mates'),
      { $project: { size: { $first: '$board.pin_count' }, root_ids: '$mates.root_id' } }
    ]
    const samples = new Map()
    for (const row of await this.#database.aggregate(stages, BATCH).toArray()) {
      const root = row._id.toHexString()
      const rootIds = row.root_ids.map((id) => id.toHexString())
      if (!samples.has(root)) samples.set(root, [])
      samples.get(root).push({ size: row.size ?? 0, rootIds })
    }
    return samples
  }

  async #facts(roots) {
    const query = { _id: { $in: objectIds(roots) }, privacy: 'PUBLIC' }
    const options = { projection: FACTS, ...BATCH }
    const found = await this.#database.collection('pins').find(query, options).toArray()
    return new Map(found.map(rootFacts).map((facts) => [facts.rootId, facts]))
  }

  /** What is trending on each topic: one round trip. */
  async #onTopics(topicIds) {
    const pins = [
      { $match: PUBLIC_ROOTS },
      { $sort: { trend: -1, _id: -1 } },
      { $limit: PINS_OF_TOPIC },
      { $project: FACTS }
    ]
    const stages = [parents(topicIds), lookup('pins', '_id', 'topic_ids', pins, 'rows')]
    const found = await this.#database.aggregate(stages, BATCH).toArray()
    return new Map(found.map(({ _id, rows }) => [_id.toHexString(), rows.map(rootFacts)]))
  }
}

function rootFacts(row) {
  return {
    rootId: row._id.toHexString(),
    saves: row.aggregated_save_count,
    topicIds: new Set(row.topic_ids.map((id) => id.toHexString()))
  }
}

/** What each of `among` gets of a total, at most `most` and at least a few. */
function share({ total, most }, among) {
  return Math.max(4, Math.min(most, Math.floor(total / Math.max(1, among))))
}
