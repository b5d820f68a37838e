import type { FastifyReply } from 'fastify'
import { isGone } from './sockets/gone.ts'

type Raw = FastifyReply['raw']

/** The limits of `Places`. */
export interface PlaceLimits {
  /** 0: no limit */
  readonly maxConnections: number
  /** 0: no limit */
  readonly maxConnectionsPerAddress: number
}

/** Counts the places that connections take, and requests that may become one: in all, and by address. */
export class Places {
  readonly #limits: PlaceLimits
  readonly #places = new Set<Place>()
  readonly #addresses = new Map<string, number>()

  constructor (limits: PlaceLimits) {
    this.#limits = limits
  }

  /** The number of places that are taken. */
  get taken (): number {
    return this.#places.size
  }

  /** The number of places that an address has taken. */
  takenBy (address: string): number {
    return this.#addresses.get(address) ?? 0
  }

  /** Whether there is no place for a further connection of this address. */
  isFull (address: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits
    if (maxConnections > 0 && this.taken >= maxConnections) return true
    return maxConnectionsPerAddress > 0 && this.takenBy(address) >= maxConnectionsPerAddress
  }

  /** Takes a place for a response that is not gone. It is given back when the response closes, at the latest. */
  take (address: string, raw: Raw): Place {
    const place = new Place(raw, () => { this.#release(place, address) })
    this.#places.add(place)
    this.#addresses.set(address, this.takenBy(address) + 1)
    raw.once('close', () => { place.release() })
    return place
  }

  /** Releases the places of clients that have left without an event. */
  tick (): void {
    for (const place of this.#places) if (place.isLeft) place.release()
  }

  #release (place: Place, address: string): void {
    if (!this.#places.delete(place)) return
    const left = this.takenBy(address) - 1
    if (left === 0) this.#addresses.delete(address)
    else this.#addresses.set(address, left)
  }
}

/** One place. However often it is released, that counts once. */
export class Place {
  readonly #raw: Raw
  /** Gives the place back. */
  readonly release: () => void

  constructor (raw: Raw, release: () => void) {
    this.#raw = raw
    this.release = release
  }

  /** Whether its client has left without releasing it. */
  get isLeft (): boolean {
    return isGone(this.#raw)
  }
}
