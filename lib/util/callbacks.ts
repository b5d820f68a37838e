/** Whether the value is a promise, also one of another realm or another library. */
export function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Calls a function of the application; what it throws, or what its promise rejects with, is passed to `onError`. */
export function callGuarded (onError: (error: unknown) => void, callback: () => unknown): void {
  try {
    const result = callback()
    if (isThenable(result)) result.then(undefined, onError)
  } catch (error) {
    onError(error)
  }
}
