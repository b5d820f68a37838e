import { inspect } from 'node:util'
import type { ChannelUser } from '../history/channel.ts'

/**
 * Serves users one after the other. A user that throws costs the others nothing, and a round never begins within
 * another: users may publish, subscribe, leave and disconnect others while they are served.
 */
export class Rounds {
  readonly #onError: (error: unknown) => void
  #isUnderWay = false
  #afterwards: (() => void)[] = []

  constructor (onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get isUnderWay (): boolean {
    return this.#isUnderWay
  }

  run (users: Iterable<ChannelUser>, serve: (user: ChannelUser) => void): void {
    this.#isUnderWay = true
    for (const user of users) {
      try {
        serve(user)
      } catch (error) {
        this.report(error)
      }
    }
    this.#isUnderWay = false
    const afterwards = this.#afterwards
    this.#afterwards = []
    for (const callback of afterwards) this.guard(callback)
  }

  /** Calls back after the round that is under way. */
  afterwards (callback: () => void): void {
    this.#afterwards.push(callback)
  }

  /** Calls back; what it throws is reported and goes no further. */
  readonly guard = (callback: () => void): void => {
    try {
      callback()
    } catch (error) {
      this.report(error)
    }
  }

  /** Never throws, though a logger may. */
  readonly report = (error: unknown): void => {
    try {
      this.#onError(error)
    } catch (loggerError) {
      process.emitWarning(`comet: an error could not be logged: ${inspect(error)}, because of ${inspect(loggerError)}`, { type: 'CometWarning' })
    }
  }
}
