import { sha256 } from './digest.ts'

// A lone surrogate has no UTF-8 form: no URL, and no log outside this process, could carry it.
const UNFIT = /[\p{Cc}\p{Cs}]/u
// Above this, the digest of a joined name replaces it: it takes less memory than a second copy of all the names.
const MAX_KEY_LENGTH = 256

/**
 * Whether a text may be the name of a channel or an idempotency key, apart from its length: it has no control character
 * and no lone surrogate. Joining names with a line break is therefore unambiguous.
 */
export function hasNameCharacters (text: string): boolean {
  return !UNFIT.test(text)
}

/** A name for two names, which no other pair has. */
export function pairKey (first: string, second: string): string {
  return `${first}\n${second}`
}

/** A name for a set of channels, whatever their order. No channel has it, so none can pass for a set of others. */
export function setKey (channels: readonly string[]): string {
  const key = [...channels].sort().join('\n')
  return key.length <= MAX_KEY_LENGTH ? key : `\n${sha256(key)}`
}

/**
 * A copy of a text that retains nothing else in memory. V8 represents a part of a longer text, such as a name in the
 * URL of a request, by a pointer into that text: a cache that retains the name would retain the URL.
 */
export function ownString (text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
