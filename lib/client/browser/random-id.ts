import type { Env } from './env.ts'

/**
 * 128 random bits as 32 hexadecimal digits: the id of a client, or the key of a published message. Never stored,
 * because a duplicated tab must have an id of its own.
 */
export function randomId ({ crypto, Math }: Env): string {
  let id = ''
  while (id.length < 32) {
    const byte = crypto ? crypto.getRandomValues(new Uint8Array(1))[0] as number : Math.random() * 256
    id += (byte & 15).toString(16)
  }
  return id
}
