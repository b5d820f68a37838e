import { asError } from '../errors.ts'

type Settle = (isAnswered: boolean, error?: unknown) => void

/**
 * A question that many ask at once and that is put once: to all who ask while it is under way, the next one, which begins
 * after theirs. Who has waited long enough leaves nothing behind, however long the answer takes.
 */
export class SharedQuestion {
  readonly #put: () => Promise<void> | undefined
  #isUnderWay = false
  #isClosed = false
  #asking = new Set<Settle>()
  #next = new Set<Settle>()

  /** `put` answers `undefined` where there is nothing to wait for. */
  constructor (put: () => Promise<void> | undefined) {
    this.#put = put
  }

  /** How many wait for an answer. */
  get size (): number {
    return this.#asking.size + this.#next.size
  }

  /** Resolves to true when it is answered, and to false after so many ms; `undefined` where there is nothing to wait for. */
  ask (ms: number): Promise<boolean> | undefined {
    if (this.#isClosed) return Promise.resolve(false)
    if (this.#isUnderWay) return join(this.#next, ms)
    const answer = this.#put()
    if (answer === undefined) return undefined
    const joined = join(this.#asking, ms)
    this.#await(answer)
    return joined
  }

  /** Resolves to false for all who wait, and for all who ask from here on. */
  close (): void {
    this.#isClosed = true
    for (const settle of [...this.#asking, ...this.#next]) settle(false)
  }

  #await (answer: Promise<void>): void {
    this.#isUnderWay = true
    answer.then(() => { this.#answer(true) }, (error: unknown) => { this.#answer(false, error) })
  }

  #answer (isAnswered: boolean, error?: unknown): void {
    const answered = this.#asking
    this.#asking = this.#next
    this.#next = new Set()
    this.#isUnderWay = false
    for (const settle of answered) settle(isAnswered, error)
    if (this.#asking.size > 0) this.#putAgain()
  }

  #putAgain (): void {
    // Whoever was answered may have asked by now.
    if (this.#isUnderWay) return
    this.#await(new Promise((resolve) => { resolve(this.#put()) }))
  }
}

function join (waiting: Set<Settle>, ms: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const settle: Settle = (isAnswered, error) => {
      clearTimeout(timer)
      waiting.delete(settle)
      if (error === undefined) resolve(isAnswered)
      else reject(asError(error))
    }
    const timer = setTimeout(settle, ms, false)
    waiting.add(settle)
  })
}
