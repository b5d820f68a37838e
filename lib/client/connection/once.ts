// What stands for a promise in browsers that have none.

type Then<T> = (value: T) => void

export interface Once<T> {
  /** Calls one of the functions when the result is there, or at once if it is there already. May be called more than once. */
  then (resolved?: Then<T> | null, rejected?: Then<unknown> | null): void
}

/** Starts something at once. Its first result counts. */
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
      const tell = () => {
        const result = settled as NonNullable<typeof settled>
        if ('value' in result) {
          if (resolved) resolved(result.value)
        } else if (rejected) rejected(result.reason)
      }
      if (settled) tell()
      else waiting.push(tell)
    }
  }
}
