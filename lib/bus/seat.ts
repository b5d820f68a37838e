import type { Audience, Receiver } from './audience.ts'
import type { Rounds } from './rounds.ts'
import type { Channel } from '../history/channel.ts'

/** What seats are returned to. */
export interface SeatOwner {
  readonly rounds: Rounds
  /** Called once for each seat. */
  release (audience: Audience): void
}

/**
 * One connection's place in an audience. It is released once, however often and by whichever path it is left.
 *
 *     seated ◄──── attach, detach ────► live        leave, from either ──► left
 */
export class Seat {
  readonly audience: Audience
  readonly #owner: SeatOwner
  #receiver: Receiver | undefined
  #isLeft = false

  constructor (audience: Audience, owner: SeatOwner) {
    this.audience = audience
    this.#owner = owner
  }

  get channels (): readonly Channel[] {
    return this.audience.channels
  }

  /** The receiver, which was sent everything so far, gets every batch from here on; not if the seat has been left. */
  attach (receiver: Receiver): void {
    if (this.#isLeft) return
    this.#receiver = receiver
    const { rounds } = this.#owner
    // An audience that is still to be served in this round gets batches that end at the receiver's own position.
    if (rounds.isUnderWay) rounds.afterwards(() => { if (this.#receiver === receiver) this.audience.attach(receiver) })
    else this.audience.attach(receiver)
  }

  /** The receiver gets no further batch, and keeps its seat. */
  detach (): void {
    if (this.#receiver !== undefined) this.audience.detach(this.#receiver)
    this.#receiver = undefined
  }

  /** Gives up the seat. */
  leave (): void {
    this.detach()
    if (this.#isLeft) return
    this.#isLeft = true
    this.#owner.release(this.audience)
  }
}
