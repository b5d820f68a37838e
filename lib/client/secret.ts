import type { Env } from './env.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** 22 characters of base64url: 132 random bits that name one page instance. Never stored: a duplicated tab must draw its own. */
export function createSecret (env: Env): string {
  const bytes = env.crypto && env.crypto.getRandomValues(new Uint8Array(22))
  let secret = ''
  for (let i = 0; i < 22; i++) secret += ALPHABET.charAt(bytes ? (bytes[i] as number) & 63 : env.Math.random() * 64)
  return secret
}
