// A real client, and what it was told: the messages of a channel are its numbers, one after the other.
import { Comet } from '../../lib/client/index.ts'
import { TRANSPORT_NAMES, type TransportName } from '../../lib/protocol/wire.ts'
import { createLightEnv } from './light-env.ts'

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
    const origin = `http://127.0.0.1:${port}`
    this.comet = comet ?? new Comet(`${origin}/comet`, { transports: [transport] }, createLightEnv(origin))
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

/** The transport of one of many: a third is on each. */
export function transportOf (i: number): TransportName {
  return TRANSPORT_NAMES[i % TRANSPORT_NAMES.length] as TransportName
}

/** A third of them on each transport. */
export function witnesses (port: number, count: number, channels: number): Witness[] {
  return Array.from({ length: count }, (_, i) =>
    new Witness(port, transportOf(i), Math.floor(i / TRANSPORT_NAMES.length) % channels))
}

/** Resolves to the ms that it took until the condition held for all of them, or to `undefined` where it never did. */
export async function all (
  those: readonly Witness[], condition: (one: Witness) => boolean, patience = 60_000
): Promise<number | undefined> {
  const start = performance.now()
  while (!those.every(condition)) {
    if (performance.now() - start > patience) return undefined
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
  return performance.now() - start
}
