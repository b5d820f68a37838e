import type { Env } from './env.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** 22 characters of base64url: 132 random bits that name one page instance. Never stored: a duplicated tab must draw its own. */
export function createSecret (env: Pick<Env, 'crypto' | 'random'>): string {
  let secret = ''
  const bytes = env.crypto && env.crypto.getRandomValues(new Uint8Array(22))
  for (let i = 0; i < 22; i++) {
    secret += ALPHABET.charAt(bytes ? (bytes[i] as number) & 63 : Math.floor(env.random() * 64))
  }
  return secret
}
