import { hash } from 'node:crypto'

/** The SHA-256 digest of `data`, as 43 characters of base64url: `A-Z a-z 0-9 _ -`. */
export function sha256 (data: string | Uint8Array): string {
  return hash('sha256', data, 'base64url')
}
