/** The application: GraphQL over HTTP. */

import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { createAuthenticator } from './authentication.mjs'
import { readDocuments } from './documents.mjs'
import { Loaders } from './loading/loaders.mjs'
import { createResolvers } from './resolvers.mjs'

const MAX_BODY_BYTES = 102_400

const schema = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8')

/** A Fastify application that answers POST /graphql. */
export async function createApp(settings, stores) {
  const app = Fastify({
    logger: { level: settings.logLevel },
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true
  })
  const viewerOf = createAuthenticator(settings)
  await app.register(mercurius, {
    schema,
    resolvers: createResolvers(settings),
    context: (request) => {
      const viewer = viewerOf(request.headers.authorization)
      return { viewer, loaders: new Loaders(stores, viewer) }
    },
    persistedQueryProvider: persisted(readDocuments()),
    jit: 1,
    graphiql: false
  })
  return app
}

/** Documents by id, in place of texts. */
function persisted(documents) {
  return {
    isPersistedQuery: (body) => body.documentId !== undefined,
    getHash: (body) => body.documentId,
    getQueryFromHash: async (id) => documents.get(id),
    notFoundError: 'There is no document with this id.'
  }
}
