import { isThenable } from './thenable.ts'

/** Calls back into the application; what it throws, or rejects with, goes to `onError`. */
export function guarded (onError: (error: unknown) => void, callback: () => unknown): void {
  try {
    const result = callback()
    if (isThenable(result)) result.then(undefined, onError)
  } catch (error) {
    onError(error)
  }
}
