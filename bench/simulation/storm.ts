// What one surviving node sees when others are lost: the clients' own reconnect policy against a server that accepts a
// limited number of new connections per second.
import { maxDelay } from '../../lib/client/connection/backoff.ts'

/** the resolution of simulated time, ms */
const TICK = 10
/** ms after which a client without an answer tries again */
const ANSWER_TIMEOUT = 10_000
const END = 600_000

export interface Storm {
  /** clients that were cut at the same moment and come to this node */
  readonly clients: number
  /** the number of new connections that the node can accept per second */
  readonly capacity: number
}

export interface StormOutcome {
  /** ms until the given share of the clients is back */
  readonly back: Readonly<Record<'50 %' | '99 %' | 'all', number>>
  /** the highest number of attempts within 100 ms, as a share of the clients */
  readonly peak: number
  /** the longest time that an attempt waited, ms */
  readonly longestWait: number
  /** the number of abandoned attempts */
  readonly gaveUp: number
}

interface Waiting { readonly since: number, readonly attempt: number, count: number }

/** Simulates the storm until all clients are back. */
export function storm ({ clients, capacity }: Storm, random: () => number = Math.random): StormOutcome {
  const coming = new Schedule(random)
  const queue: Waiting[] = []
  const times: number[] = []
  let [now, peak, longestWait, gaveUp, budget] = [0, 0, 0, 0, 0]
  coming.add(0, 0, clients)
  for (; times.length < clients && now < END; now += TICK) {
    for (const [attempt, count] of coming.at(now)) queue.push({ since: now, attempt, count })
    budget = Math.min(budget, capacity * TICK / 1000) + capacity * TICK / 1000
    while (budget >= 1 && queue.length > 0) {
      const first = queue[0] as Waiting
      const wait = now - first.since
      const count = Math.min(first.count, Math.floor(budget))
      if (wait > ANSWER_TIMEOUT) {
        gaveUp += first.count
        coming.add(now, first.attempt + 1, first.count)
        queue.shift()
        continue
      }
      longestWait = Math.max(longestWait, wait)
      for (let i = 0; i < count; i++) times.push(now)
      budget -= count
      first.count -= count
      if (first.count === 0) queue.shift()
    }
    if (now % 100 === 0) peak = Math.max(peak, coming.within(now, now + 100) / clients)
  }
  const at = (share: number): number => times[Math.ceil(clients * share) - 1] ?? Infinity
  return { back: { '50 %': at(0.5), '99 %': at(0.99), all: at(1) }, peak, longestWait, gaveUp }
}

/** The clients that come at each step of time, by the number of their failed attempts. */
class Schedule {
  readonly #ticks = new Map<number, Map<number, number>>()
  readonly #random: () => number

  constructor (random: () => number) {
    this.#random = random
  }

  /** Schedules `count` clients, each after a random delay. */
  add (now: number, attempt: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = Math.ceil((now + this.#random() * maxDelay(attempt)) / TICK) * TICK
      const tick = this.#ticks.get(at) ?? new Map<number, number>()
      this.#ticks.set(at, tick)
      tick.set(attempt, (tick.get(attempt) ?? 0) + 1)
    }
  }

  at (now: number): Iterable<[number, number]> {
    return this.#ticks.get(now) ?? []
  }

  within (from: number, to: number): number {
    let sum = 0
    for (let at = from; at < to; at += TICK) {
      for (const count of this.#ticks.get(at)?.values() ?? []) sum += count
    }
    return sum
  }
}
