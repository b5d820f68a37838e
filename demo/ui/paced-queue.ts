import { after, type Time } from '../time.ts'

// A page that becomes visible after an hour should soon be up to date, so older items are shown without delay.
const MAX_WAITING = 60

const pageTime: Time = { now: () => performance.now(), after }

/** Shows items one after the other, each for a minimum time: two that arrive together would otherwise look like one. */
export class PacedQueue<T> {
  readonly #show: (item: T) => void
  readonly #ms: number
  readonly #time: Time
  readonly #waiting: T[] = []
  #shownAt = -Infinity
  #hasTimer = false

  /** @param ms the minimum time for which each item is shown */
  constructor (show: (item: T) => void, ms: number, time = pageTime) {
    this.#show = show
    this.#ms = ms
    this.#time = time
  }

  push (item: T): void {
    this.#waiting.push(item)
    while (this.#waiting.length > MAX_WAITING) this.#showNext()
    this.#step()
  }

  // Called on arrival too, since browsers delay the timers of a hidden page by up to a minute.
  #step (): void {
    const left = this.#shownAt + this.#ms - this.#time.now()
    if (left <= 0) this.#showNext()
    if (this.#waiting.length > 0) this.#startTimer(left > 0 ? left : this.#ms)
  }

  #showNext (): void {
    this.#shownAt = this.#time.now()
    this.#show(this.#waiting.shift() as T)
  }

  #startTimer (ms: number): void {
    if (this.#hasTimer) return
    this.#hasTimer = true
    this.#time.after(ms, () => {
      this.#hasTimer = false
      if (this.#waiting.length > 0) this.#step()
    })
  }
}
