import type { Seat } from '../bus/seat.ts'
import type { CloseReason } from '../protocol/wire.ts'

/** Why a connection ended: the server's reason, a poll's answer, or that the client has left. */
export type EndReason = CloseReason | 'answered' | 'gone'

/**
 * What a connection occupies until it ends: its seat in an audience, and whatever subscribes to its end. However often
 * and for whatever reason it is released, that happens once.
 */
export class Lease {
  #seat: Seat
  #ended: EndReason | undefined
  #callbacks: ((reason: EndReason) => void)[] = []

  constructor (seat: Seat) {
    this.#seat = seat
  }

  /** The connection's seat. */
  get seat (): Seat {
    return this.#seat
  }

  /** The names of the connection's channels. */
  get channels (): string[] {
    return this.#seat.channels.map((channel) => channel.name)
  }

  /** Why it was released; `undefined` until then. */
  get ended (): EndReason | undefined {
    return this.#ended
  }

  /** Calls back with the reason when it is released, in the order of the calls of `onEnd`. */
  onEnd (callback: (reason: EndReason) => void): void {
    this.#callbacks.push(callback)
  }

  /** Takes this seat in place of the one that it has. */
  changeSeat (seat: Seat): void {
    this.#seat.leave()
    this.#seat = seat
  }

  /** Leaves the seat and calls back, the first time. */
  release (reason: EndReason): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    this.#seat.leave()
    const callbacks = this.#callbacks
    this.#callbacks = []
    for (const callback of callbacks) callback(reason)
  }
}
