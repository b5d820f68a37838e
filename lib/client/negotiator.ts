// Keeps the state of the negotiation, and sees to it that one event is dealt with after the other.

import { attempt } from './env.ts'
import { negotiate } from './negotiate.ts'
import type { Action, Negotiation, NegotiationEvent } from './negotiation.ts'
import type { Settings } from './options.ts'

/** Does what a step asks for. */
export type Perform = (actions: readonly Action[], before: Negotiation, after: Negotiation) => void

export class Negotiator {
  state: Negotiation
  private readonly settings: Settings
  private readonly perform: Perform
  private readonly events: NegotiationEvent[] = []
  private isBusy = false

  constructor (settings: Settings, state: Negotiation, perform: Perform) {
    this.settings = settings
    this.state = state
    this.perform = perform
  }

  /** What happens in the middle of a step waits for its end. */
  dispatch (event: NegotiationEvent): void {
    this.events.push(event)
    if (this.isBusy) return
    this.isBusy = true
    for (let next = this.events.shift(); next; next = this.events.shift()) {
      const before = this.state
      const [after, actions] = negotiate(before, next)
      this.state = after
      this.log(next, actions)
      this.perform(actions, before, after)
    }
    this.isBusy = false
  }

  private log (event: NegotiationEvent, actions: readonly Action[]): void {
    const { debug, env } = this.settings
    if (debug || attempt(() => (env.localStorage as Storage).comet === 'debug')) env.console?.log('comet', event, this.state, actions)
  }
}
