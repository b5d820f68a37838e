// What the client tells in the console, each a line of text that any collector of logs can take.

import { dictionary } from './browser/dictionary.ts'
import { attempt } from './browser/env.ts'
import type { CometError } from './errors.ts'
import type { Negotiation, NegotiationEvent, Timer } from './negotiation/state.ts'
import type { Settings } from './options.ts'

/** A line for what happened and what follows from it, where the application or the user asks for it. */
export function logStep (settings: Settings, event: NegotiationEvent, plan: Negotiation): void {
  attempt(() => { if (isWanted(settings)) (settings.env.console as Console).log('comet: ' + eventInWords(event) + ' -> ' + planInWords(plan)) })
}

/** Warns of each cause once. The function returned is called with every error that the application is told. */
export function createWarner ({ env }: Settings): (error: CometError) => void {
  const known = dictionary<true>()
  return (error) => {
    const { code, statusCode, message, retrying, retryIn } = error
    // What follows the colon may be another thing each time.
    const cause = [code, statusCode, retrying, message.split(':')[0]].join(' ')
    if (known[cause]) return
    known[cause] = true
    const outcome = retryIn === undefined ? '' : '; trying again in ' + (retryIn / 1000).toFixed(1) + ' s'
    // An old browser has no console until somebody looks at it.
    attempt(() => { (env.console as Console).warn('comet: ' + inWords(error) + outcome) })
  }
}

// A storage may be forbidden, and Node warns of its own.
function isWanted ({ debug, env }: Settings): boolean {
  return debug || (!!env.document && (env.localStorage as Storage).comet === 'debug')
}

function inWords ({ message, code, statusCode }: CometError): string {
  return message + ' (' + code + (statusCode ? ', status ' + statusCode : '') + ')'
}

function eventInWords (event: NegotiationEvent): string {
  switch (event.type) {
    case 'opened': return slot(event.isCandidate) + ' opened' + (event.positioned ? ' at a cursor' : '')
    case 'frame': return 'frame of the ' + slot(event.isCandidate) + ', ' + event.elapsed + ' ms after it was opened'
    case 'end': return 'end of the ' + slot(event.isCandidate) + ': ' + inWords(event.end.error)
    case 'fault': return 'fault: ' + inWords(event.end.error)
    case 'timer': return 'timer ' + event.name
    default: return event.type
  }
}

function planInWords ({ phase, carrier, candidate, carrierTimer, candidateTimer }: Negotiation): string {
  return [
    phase,
    carrier && 'carrier ' + carrier.transport,
    candidate && 'candidate ' + candidate.transport + ' to ' + candidate.purpose,
    carrierTimer && timerInWords(carrierTimer),
    candidateTimer && timerInWords(candidateTimer)
  ].filter(Boolean).join(', ')
}

function timerInWords ([name, after, spread]: Timer): string {
  return 'timer ' + name + ' in ' + Math.round(after) + (spread ? ' to ' + Math.round(after + spread) : '') + ' ms'
}

function slot (isCandidate: boolean): string {
  return isCandidate ? 'candidate' : 'carrier'
}
