// The thenable that stands for a promise in browsers that have none.

type Then<T> = (value: T) => void

/** A result that is known now or later. */
export interface Once<T> {
  /** Calls one of the functions as soon as the result is known, or immediately. May be called any number of times. */
  then (resolved?: Then<T> | null, rejected?: Then<unknown> | null): void
}

/** Calls `start` once, immediately. The first result that it brings counts. */
export function once<T> (start: (resolve: Then<T>, reject: Then<unknown>) => void): Once<T> {
  let settled: { value: T } | { reason: unknown } | undefined
  let waiting: (() => void)[] = []
  const settle = (result: NonNullable<typeof settled>) => {
    if (settled) return
    settled = result
    const listeners = waiting
    waiting = []
    listeners.forEach((listener) => { listener() })
  }
  start((value) => { settle({ value }) }, (reason) => { settle({ reason }) })
  return {
    then (resolved, rejected) {
      const notify = () => {
        const result = settled as NonNullable<typeof settled>
        if ('value' in result) {
          if (resolved) resolved(result.value)
        } else if (rejected) rejected(result.reason)
      }
      if (settled) notify()
      else waiting.push(notify)
    }
  }
}
