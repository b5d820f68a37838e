// The thenable that stands for a promise in browsers that have none.

type Then<T> = (value: T) => void

/** A result that is known now or later. */
export interface Once<T> {
  /** Calls one of the functions as soon as the result is known, or immediately. May be called any number of times. */
  then (resolved?: Then<T> | null, rejected?: Then<unknown> | null): void
}

/** Calls `start` once, immediately. The first result counts: what it brings, or what it throws. */
export function once<T> (start: (resolve: Then<T>, reject: Then<unknown>) => void): Once<T> {
  const waiting: Parameters<Once<T>['then']>[] = []
  let notify: Once<T>['then'] | undefined
  const settle = (result: Once<T>['then']) => {
    if (notify) return
    notify = result
    waiting.splice(0).forEach(([resolved, rejected]) => { result(resolved, rejected) })
  }
  const reject = (reason: unknown) => {
    settle((_resolved, rejected) => { if (rejected) rejected(reason) })
  }
  try {
    start((value) => { settle((resolved) => { if (resolved) resolved(value) }) }, reject)
  } catch (reason) {
    reject(reason)
  }
  return {
    then (resolved, rejected) {
      if (notify) notify(resolved, rejected)
      else waiting.push([resolved, rejected])
    }
  }
}
