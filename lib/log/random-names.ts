import { randomBytes } from 'node:crypto'

/** A name for an epoch that no other has: 12 letters and digits. */
export function randomEpoch (): string {
  return randomNodeName().replace(/[-_]/g, '0')
}

/** A name for a node in the records that it appends, which no other node has: 12 characters of base64url. */
export function randomNodeName (): string {
  return randomBytes(9).toString('base64url')
}
