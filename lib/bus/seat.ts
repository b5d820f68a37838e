import type { Audience, Receiver } from './audience.ts'
import type { Channel } from '../history/channel.ts'
import type { Rounds } from './rounds.ts'

/** Where seats are given back. */
export interface SeatOwner {
  readonly rounds: Rounds
  /** Called once for each seat. */
  release (audience: Audience): void
}

/** One connection's place in an audience. It is given back once, however often and by whichever path it is left. */
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

  /** The receiver, which was sent everything so far, gets every batch from here on. */
  enterStep (receiver: Receiver): void {
    if (this.#isLeft) return
    this.#receiver = receiver
    const { rounds } = this.#owner
    // An audience that is still to be served in this round has batches that end at the receiver's own position.
    if (rounds.isUnderWay) rounds.afterwards(() => { if (this.#receiver === receiver) this.audience.enter(receiver) })
    else this.audience.enter(receiver)
  }

  /** It gets no further batch, and keeps its seat. */
  leaveStep (): void {
    if (this.#receiver !== undefined) this.audience.leave(this.#receiver)
    this.#receiver = undefined
  }

  leave (): void {
    this.leaveStep()
    if (this.#isLeft) return
    this.#isLeft = true
    this.#owner.release(this.audience)
  }
}
