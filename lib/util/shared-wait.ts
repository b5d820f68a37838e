import { asError } from '../errors.ts'

type Settle = (isDone: boolean, error?: unknown) => void

/**
 * A wait that many callers share. Callers that come while one is under way share the next one, which begins after they
 * came: whatever a caller has seen happen before its call has happened before the operation began.
 *
 *     start ──────────────► done, start ──────────────► done
 *     │ the first caller    │ all callers that came meanwhile
 *
 * A caller that times out leaves nothing behind, however long the operation takes.
 */
export class SharedWait {
  readonly #start: () => Promise<void> | undefined
  #isUnderWay = false
  #isClosed = false
  /** callers that wait for the operation that is under way */
  #current = new Set<Settle>()
  /** callers that wait for the one after it */
  #next = new Set<Settle>()

  /** `start` begins the operation; it returns `undefined` when there is nothing to wait for. */
  constructor (start: () => Promise<void> | undefined) {
    this.#start = start
  }

  /** The number of callers that are waiting. */
  get size (): number {
    return this.#current.size + this.#next.size
  }

  /**
   * Resolves to `true` when an operation that began after this call is done, and to `false` after `ms` milliseconds.
   * Returns `undefined` when there is nothing to wait for. Rejects if the operation rejects.
   */
  wait (ms: number): Promise<boolean> | undefined {
    if (this.#isClosed) return Promise.resolve(false)
    if (this.#isUnderWay) return join(this.#next, ms)
    const operation = this.#start()
    if (operation === undefined) return undefined
    const joined = join(this.#current, ms)
    this.#follow(operation)
    return joined
  }

  /** Resolves to `false` for all current and all later callers. */
  close (): void {
    this.#isClosed = true
    for (const settle of [...this.#current, ...this.#next]) settle(false)
  }

  #follow (operation: Promise<void>): void {
    this.#isUnderWay = true
    operation.then(() => { this.#end(true) }, (error: unknown) => { this.#end(false, error) })
  }

  #end (isDone: boolean, error?: unknown): void {
    const callers = this.#current
    this.#current = this.#next
    this.#next = new Set()
    this.#isUnderWay = false
    for (const settle of callers) settle(isDone, error)
    if (this.#current.size > 0) this.#startAgain()
  }

  #startAgain (): void {
    // A caller that was just notified may have started one already.
    if (this.#isUnderWay) return
    this.#follow(new Promise((resolve) => { resolve(this.#start()) }))
  }
}

// Not withTimeout: a caller that times out must not stay referenced by an operation that never ends.
function join (waiting: Set<Settle>, ms: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const settle: Settle = (isDone, error) => {
      clearTimeout(timer)
      waiting.delete(settle)
      if (error === undefined) resolve(isDone)
      else reject(asError(error))
    }
    const timer = setTimeout(settle, ms, false)
    waiting.add(settle)
  })
}
