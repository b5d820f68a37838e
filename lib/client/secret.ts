import type { Env } from './env.ts'

/** 32 hexadecimal digits, 128 random bits: they name one page instance, or one message. Never stored: a duplicated tab must draw its own. */
export function createSecret ({ crypto, Math }: Env): string {
  const bytes = crypto && crypto.getRandomValues(new Uint8Array(16))
  let secret = ''
  for (let i = 0; i < 16; i++) secret += ((bytes ? bytes[i] as number : Math.random() * 256) | 256).toString(16).slice(1)
  return secret
}
