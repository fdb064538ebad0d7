/** Bearer tokens: from a JWT (HS256) to a viewer. */

import { createVerifier } from 'fast-jwt'
import { isEntityId } from './domain/ids.mjs'
import { unauthenticated } from './errors.mjs'

const BEARER = /^bearer +([A-Za-z0-9_=.-]+) *$/i
const REMEMBERED = 4_096
const REMEMBERED_FOR_MS = 60_000
const LEEWAY_MS = 10_000

const ANONYMOUS = Object.freeze({ userId: null, scopes: new Set() })

/**
 * A function from an Authorization header to its viewer, `{ userId, scopes }`. It throws for a
 * token that is not ours. The verifier remembers tokens that it has seen.
 */
export function createAuthenticator({ secret, issuer, audience }) {
  const verify = createVerifier({
    key: secret,
    algorithms: ['HS256'],
    allowedIss: issuer,
    allowedAud: audience,
    requiredClaims: ['exp', 'iat', 'sub', 'aud', 'iss'],
    clockTolerance: LEEWAY_MS,
    cache: REMEMBERED,
    cacheTTL: REMEMBERED_FOR_MS
  })
  return (authorization) => {
    if (authorization === undefined) return ANONYMOUS
    const bearer = BEARER.exec(authorization)
    if (bearer === null) throw unauthenticated('Authorization must be `Bearer` and a token.')
    return viewerOf(claimsOf(verify, bearer[1]))
  }
}

function claimsOf(verify, token) {
  try {
    return verify(token)
  } catch {
    throw unauthenticated('The token is not one that this server accepts.')
  }
}

function viewerOf({ sub, scope = '' }) {
  if (!isEntityId(sub)) throw unauthenticated('The token does not name a user.')
  return { userId: sub, scopes: new Set(scope.split(' ')) }
}
