import type { Env } from './env.ts'

/** 32 hexadecimal digits, 128 random bits: they name one page instance, or one message. Never stored: a duplicated tab must draw its own. */
export function createSecret ({ crypto, Math }: Env): string {
  let secret = ''
  while (secret.length < 32) secret += ((crypto ? crypto.getRandomValues(new Uint8Array(1))[0] as number : Math.random() * 256) & 15).toString(16)
  return secret
}
