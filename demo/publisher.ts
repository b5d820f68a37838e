import { randomUUID } from 'node:crypto'
import type { LiveMessage } from './lanes.ts'

const MAX_DELAY = 1000

/** Publishes live messages at a steady rate, numbered consecutively. */
export class Publisher {
  readonly #publish: (message: LiveMessage) => void
  readonly #run = randomUUID()
  #timer: NodeJS.Timeout | undefined
  #dueAt = 0
  #n = 0
  #pad = ''
  rate: number

  /** @param rate messages per second @param size characters of padding */
  constructor (publish: (message: LiveMessage) => void, rate: number, size: number) {
    this.#publish = publish
    this.rate = rate
    this.size = size
  }

  get size (): number {
    return this.#pad.length
  }

  set size (characters: number) {
    this.#pad = 'x'.repeat(characters)
  }

  start (): void {
    this.#dueAt = performance.now()
    this.#tick()
  }

  stop (): void {
    clearTimeout(this.#timer)
  }

  /** Publishes `count` messages immediately. */
  burst (count: number): void {
    for (let i = 0; i < count; i++) this.#publishNext()
  }

  #tick = (): void => {
    const now = performance.now()
    // After a long pause, such as a closed laptop, it does not catch up.
    if (now - this.#dueAt > MAX_DELAY) this.#dueAt = now
    for (; this.#dueAt <= now; this.#dueAt += 1000 / this.rate) this.#publishNext()
    this.#timer = setTimeout(this.#tick, this.#dueAt - now)
  }

  #publishNext (): void {
    this.#publish({ run: this.#run, n: ++this.#n, at: now(), pad: this.#pad })
  }
}

function now (): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000
}
