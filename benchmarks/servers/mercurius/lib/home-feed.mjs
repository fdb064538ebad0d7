/** The home feed: pages are cut from a session, without what its viewer may not see any more. */

import { badUserInput } from './errors.mjs'

const SLACK = 10 // items read beyond a page, so that hidden ones can be replaced without a new read

/** The first page of the viewer's feed, as a connection. */
export async function homeFeedPage({ loaders }, first) {
  const items = await loaders.feedItems()
  if (items === null) throw badUserInput('There is no session: ask Pinery for a first page.')
  const edges = []
  let size = first + SLACK
  for (let index = 0; index < items.length && edges.length <= first; size *= 2) {
    const chunk = items.slice(index, index + size)
    const pins = await loaders.unhiddenPins(chunk)
    chunk.forEach(({ pinId }, place) => {
      const node = pins.get(pinId)
      // Between any two items is the place of an ad.
      if (node) edges.push({ position: 2 * (index + place) + 1, node })
    })
    index += chunk.length
  }
  return { edges: edges.slice(0, first), pageInfo: { hasNextPage: edges.length > first } }
}
