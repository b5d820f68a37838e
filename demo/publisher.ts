import { randomUUID } from 'node:crypto'
import type { Beat } from './lanes.ts'

const LATE = 1000

/** Publishes beats at a steady rate, numbered without holes. */
export class Publisher {
  readonly #publish: (beat: Beat) => void
  readonly #run = randomUUID()
  #timer: NodeJS.Timeout | undefined
  #due = 0
  #n = 0
  #pad = ''
  rate: number

  /** @param rate beats a second */
  constructor (publish: (beat: Beat) => void, rate: number, size: number) {
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
    this.#due = performance.now()
    this.#tick()
  }

  stop (): void {
    clearTimeout(this.#timer)
  }

  /** Publishes so many at once. */
  burst (count: number): void {
    for (let i = 0; i < count; i++) this.#beat()
  }

  #tick = (): void => {
    const now = performance.now()
    // After a long pause (a laptop's lid) there is nothing to catch up with.
    if (now - this.#due > LATE) this.#due = now
    for (; this.#due <= now; this.#due += 1000 / this.rate) this.#beat()
    this.#timer = setTimeout(this.#tick, this.#due - now)
  }

  #beat (): void {
    this.#publish({ run: this.#run, n: ++this.#n, at: now(), pad: this.#pad })
  }
}

function now (): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000
}
