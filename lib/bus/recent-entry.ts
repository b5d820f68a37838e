import type { LogEntry } from '../log/message-log.ts'

const AGE = 60_000 // ms

/** Whether an entry is less than a minute old. A node that starts looks at such notes: they may concern a request that waits for it. */
export function isRecent ({ time = Date.now() }: LogEntry): boolean {
  return Date.now() - time < AGE
}
