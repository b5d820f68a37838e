import { inspect } from 'node:util'
import type { ChannelUser } from '../history/channel.ts'

/**
 * Serves users one after the other. A user that throws does not affect the others, and a round never begins within
 * another: users may publish, subscribe, leave and disconnect others while they are served.
 */
export class Rounds {
  readonly #onError: (error: unknown) => void
  #isUnderWay = false
  #afterwards: (() => void)[] = []

  /** `onError` is called with everything that is thrown. */
  constructor (onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get isUnderWay (): boolean {
    return this.#isUnderWay
  }

  /** Serves these users, then calls what waits for the end of the round. */
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

  /** Calls `callback` after the current round. */
  afterwards (callback: () => void): void {
    this.#afterwards.push(callback)
  }

  /** Calls `callback` and reports what it throws. */
  readonly guard = (callback: () => void): void => {
    try {
      callback()
    } catch (error) {
      this.report(error)
    }
  }

  /** Reports an error. Never throws, although a logger may. */
  readonly report = (error: unknown): void => {
    try {
      this.#onError(error)
    } catch (loggerError) {
      const message = `comet: an error could not be logged: ${inspect(error)}, because of ${inspect(loggerError)}`
      process.emitWarning(message, { type: 'CometWarning' })
    }
  }
}
