import { createHash } from 'node:crypto'

// Of many names their digest is enough, and takes less memory than all of them once more.
const MAX_LENGTH = 256

/**
 * Names a set of channels, in whatever order they are given. No name has a line break, so that no channel can be given the
 * name that stands for a set of others.
 */
export function setKey (channels: readonly string[]): string {
  const key = [...channels].sort().join('\n')
  return key.length <= MAX_LENGTH ? key : `\n${createHash('sha256').update(key).digest('base64')}`
}
