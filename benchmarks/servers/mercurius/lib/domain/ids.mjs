/** Ids: 24 hex digits inside, base64 of `Type:digits` for clients, ObjectId in MongoDB. */

import { ObjectId } from 'mongodb'
import { badUserInput } from '../errors.mjs'

const ENTITY_ID = /^[0-9a-f]{24}$/
const GLOBAL_ID = /^([A-Za-z]+):([0-9a-f]{24})$/

/** Whether a text has the form of a stored id. */
export const isEntityId = (text) => typeof text === 'string' && ENTITY_ID.test(text)

/** The id that clients see. */
export const toGlobalId = (type, entityId) => btoa(`${type}:${entityId}`)

/** The stored id in a global id of one type; throws for any other text. */
export function typedId(type, argument, text) {
  const [, named, entityId] = GLOBAL_ID.exec(Buffer.from(text, 'base64').toString('latin1')) ?? []
  if (named !== type) throw badUserInput(`\`${argument}\` must be the id of a ${type}.`)
  return entityId
}

/** The ObjectIds of many stored ids, in order. */
export const objectIds = (entityIds) => Array.from(entityIds, objectId)

/** The ObjectId of a stored id. */
export const objectId = (entityId) => ObjectId.createFromHexString(entityId)
