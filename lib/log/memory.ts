import { randomBytes } from 'node:crypto'
import type { LogTail, MessageLog } from './message-log.ts'
import { RecentKeys } from './recent-keys.ts'

/** The log of a single process: entries go from `append` to the tail at once, and are gone with the process. */
export function memoryLog (): MessageLog {
  const keys = new RecentKeys()
  let tail: LogTail | undefined
  let end = 0
  return {
    epoch: randomBytes(9).toString('base64url').replace(/[-_]/g, '0'),
    get end () { return end },
    follow (listener) { tail = listener },
    append (channel, data, key) {
      const earlier = key === undefined ? undefined : keys.find(channel, key)
      if (earlier !== undefined) return earlier
      const offset = ++end
      tail?.({ offset, channel, data })
      if (key !== undefined) keys.remember(channel, key, offset)
      return offset
    },
    close () { tail = undefined }
  }
}
