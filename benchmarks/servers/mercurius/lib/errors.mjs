/** Errors that clients are told of, each with a code. */

import mercurius from 'mercurius'

const { ErrorWithProps } = mercurius

/** An argument that a client can correct. */
export const badUserInput = (message) => new ErrorWithProps(message, { code: 'BAD_USER_INPUT' })

/** A request by somebody whom we cannot name. */
export const unauthenticated = (message) =>
  new ErrorWithProps(message, { code: 'UNAUTHENTICATED' }, 401)
