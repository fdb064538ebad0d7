/**
 * Related pins, "more like this": what people put on boards together. The formula and its reasons
 * are in Pinery's `domain/related.py`, of which this is a port. A related root is a pair of its id
 * and a score.
 */

const POPULARITY_EXPONENT = 0.4
const POPULARITY_OFFSET = 10
const TOPIC_WEIGHT = 1
const WEIGHT_SCALE = 1_000_000 // whole numbers: their sums do not depend on the order

/** The `limit` roots that share most with `rootId` over some boards, and how much. */
export function together(rootId, boards, limit) {
  const weights = new Map()
  for (const { size, rootIds } of boards) {
    const weight = Math.round(WEIGHT_SCALE / Math.log2(2 + size))
    for (const other of new Set(rootIds)) {
      if (other !== rootId) weights.set(other, (weights.get(other) ?? 0) + weight)
    }
  }
  return new Map([...weights].sort(bestFirst).slice(0, limit))
}

/** The related roots of `together`, best first; one without facts, which is gone, is left out. */
export function rankRelated(root, weights, facts, limit) {
  return [...weights]
    .filter(([other]) => facts.has(other))
    .map(([other, weight]) => [other, score(root, weight, facts.get(other))])
    .sort(bestFirst)
    .slice(0, limit)
}

/** Roots that share topics with `root`, without those in `exclude`: the fallback. */
export function rankByTopic(root, candidates, limit, exclude) {
  return Array.from(candidates, (candidate) => ({
    ...candidate,
    overlap: overlap(root.topicIds, candidate.topicIds)
  }))
    .filter((each) => each.rootId !== root.rootId && !exclude.has(each.rootId) && each.overlap > 0)
    .sort((a, b) => b.overlap - a.overlap || b.saves - a.saves || byText(a.rootId, b.rootId))
    .slice(0, limit)
    .map((each) => [each.rootId, each.overlap])
}

/** The first `limit` of a ranked list in the order of pages: equal scores by falling id. */
export function firstPage(ranked, limit) {
  let end = limit + 1
  while (end < ranked.length && ranked[end][1] === ranked[end - 1][1]) end += 1
  const ordered = ranked.slice(0, end).sort((a, b) => b[1] - a[1] || byText(b[0], a[0]))
  const rows = ordered.slice(0, limit).map(([entityId]) => ({ entityId }))
  return { rows, hasMore: ranked.length > limit }
}

function score(root, weight, other) {
  const likeness = 1 + TOPIC_WEIGHT * overlap(root.topicIds, other.topicIds)
  const popularity = Math.max(0, other.saves) + POPULARITY_OFFSET
  return ((weight / WEIGHT_SCALE) * likeness) / popularity ** POPULARITY_EXPONENT
}

/** The share of topics in common (Jaccard), 0 without any. */
function overlap(some, others) {
  const shared = some.intersection(others).size
  return shared > 0 ? shared / some.union(others).size : 0
}

const bestFirst = (a, b) => b[1] - a[1] || byText(a[0], b[0])

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
