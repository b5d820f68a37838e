// A real client, and what it was told: the messages of a channel are its numbers, one after the other.
import { Comet } from '../../lib/client/index.ts'
import type { TransportName } from '../../lib/protocol.ts'
import { lightEnv } from './light-env.ts'

export class Witness {
  readonly comet: Comet
  readonly channel: number
  /** the reasons of the gaps that it was told of */
  readonly gaps: string[] = []
  last = 0
  lost = 0
  repeated = 0
  #isExcused = true

  /** `comet`: the client of another one, to share. */
  constructor (port: number, transport: TransportName, channel: number, comet?: Comet) {
    this.channel = channel
    this.comet = comet ?? new Comet(`http://127.0.0.1:${port}/comet`, { transports: [transport] }, lightEnv)
    this.comet.subscribe(`channel-${channel}`, (data) => { this.#hear(data as number) }, {
      onGap: ({ reason }) => {
        this.gaps.push(reason)
        this.#isExcused = true
        // Another log counts anew.
        if (reason === 'restarted') this.last = 0
      }
    })
  }

  #hear (n: number): void {
    if (n <= this.last) this.repeated++
    else if (!this.#isExcused) this.lost += n - this.last - 1
    this.last = n
    this.#isExcused = false
  }
}

/** Half of them on event streams, half on polls. */
export function witnesses (port: number, count: number, channels: number): Witness[] {
  return Array.from({ length: count }, (_, i) => new Witness(port, i % 2 === 0 ? 'eventsource' : 'long-poll', (i >> 1) % channels))
}

/** Resolves to the ms that it took until the condition held for all of them, or to `undefined` where it never did. */
export async function all (those: readonly Witness[], condition: (one: Witness) => boolean, patience = 60_000): Promise<number | undefined> {
  const start = performance.now()
  while (!those.every(condition)) {
    if (performance.now() - start > patience) return undefined
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
  return performance.now() - start
}
