import { Deque } from '../../util/deque.ts'
import { callGuarded } from '../../util/callbacks.ts'

/**
 * Calls of the application's hooks, observers and logger that become due in the middle of something else, such as a
 * delivery to all subscribers. They are made after it, in order, each on its own: then they may throw, block, publish
 * or disconnect.
 */
export class DeferredCalls {
  readonly #onError: (error: unknown) => void
  readonly #calls = new Deque<() => unknown>()

  /** `onError` is called with what a call throws or rejects with. */
  constructor (onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Makes the call as soon as the code that runs now has returned to the event loop. */
  defer (call: () => unknown): void {
    if (this.#calls.length === 0) queueMicrotask(() => { this.flush() })
    this.#calls.push(call)
  }

  /** Makes all pending calls now. A call may flush too: the others stay in order. */
  flush (): void {
    for (let call = this.#calls.shift(); call !== undefined; call = this.#calls.shift()) {
      callGuarded(this.#onError, call)
    }
  }
}
