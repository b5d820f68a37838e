import { randomBytes } from 'node:crypto'

/** A name for an epoch that no other has: 12 letters and digits. */
export function randomEpoch (): string {
  return randomBytes(9).toString('base64url').replace(/[-_]/g, '0')
}
