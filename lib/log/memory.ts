import { randomEpoch } from './random-names.ts'
import type { Appended, LogReader, MessageLog } from './message-log.ts'
import { RecentKeys } from './recent-keys.ts'

/**
 * The log of a single process: `append` passes each entry to the reader immediately, and nothing outlives the process.
 */
export function memoryLog (): MessageLog {
  const epoch = randomEpoch()
  const keys = new RecentKeys()
  let reader: LogReader | undefined
  let end = 0
  return {
    shared: false,
    connected: true,
    pending: 0,
    start (given) {
      reader = given
      reader.begin(epoch, end)
      reader.loaded()
    },
    append (channel, data, key): Appended {
      const earlier = key === undefined ? undefined : keys.find(channel, key)
      if (earlier !== undefined) return { epoch, offset: earlier, isNew: false }
      const offset = ++end
      // Before the reader is given the entry: a listener may publish with the same key.
      if (key !== undefined) keys.remember(channel, key, offset)
      try {
        reader?.entry({ offset, channel, data })
      } catch (error) {
        if (key !== undefined) keys.forget(channel, key)
        throw error
      }
      return { epoch, offset, isNew: true }
    },
    catchUp: () => undefined,
    close () {
      reader = undefined
      return undefined
    }
  }
}
