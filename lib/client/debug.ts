import { attempt } from './env.ts'
import type { Negotiation, NegotiationEvent } from './negotiation.ts'
import type { Settings } from './options.ts'

/** A line in the console for what happened and what follows from it: where the application or the user asks for it, and for an error. */
export function log ({ debug, env }: Settings, event: NegotiationEvent, plan: Negotiation): void {
  // A storage may be forbidden, and an old browser has no console until somebody looks at it.
  attempt(() => { if (debug || plan.error || (env.localStorage as Storage).comet === 'debug') (env.console as Console).log('comet', event, plan) })
}
