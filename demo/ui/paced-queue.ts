import { after, type Time } from '../time.ts'

// More than that is not worth waiting for: a page that comes back after an hour should soon be up to date.
const MOST_WAITING = 60

const pageTime: Time = { now: () => performance.now(), after }

/** Shows what arrives one after the other, each for a while: two that arrive together would otherwise look like one. */
export class Pace<T> {
  readonly #show: (item: T) => void
  readonly #ms: number
  readonly #time: Time
  readonly #waiting: T[] = []
  #shownAt = -Infinity
  #isTimed = false

  /** @param ms for which each is shown at least */
  constructor (show: (item: T) => void, ms: number, time = pageTime) {
    this.#show = show
    this.#ms = ms
    this.#time = time
  }

  push (item: T): void {
    this.#waiting.push(item)
    while (this.#waiting.length > MOST_WAITING) this.#showNext()
    this.#step()
  }

  // On arrival too, since browsers let the timers of a hidden page wait for up to a minute.
  #step (): void {
    const left = this.#shownAt + this.#ms - this.#time.now()
    if (left <= 0) this.#showNext()
    if (this.#waiting.length > 0) this.#wait(left > 0 ? left : this.#ms)
  }

  #showNext (): void {
    this.#shownAt = this.#time.now()
    this.#show(this.#waiting.shift() as T)
  }

  #wait (ms: number): void {
    if (this.#isTimed) return
    this.#isTimed = true
    this.#time.after(ms, () => {
      this.#isTimed = false
      if (this.#waiting.length > 0) this.#step()
    })
  }
}
