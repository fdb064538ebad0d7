/** The published documents: the workloads, each known by the SHA-256 of its text in hex. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../../workloads/', import.meta.url)

/** The texts of all documents, by id. */
export function readDocuments(folder = FOLDER) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.graphql'))
  const texts = names.map((name) => readFileSync(new URL(name, folder), 'utf8'))
  return new Map(texts.map((text) => [sha256(text), text]))
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex')
}
