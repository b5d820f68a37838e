// What the client writes to the console: always one line of text, so that any collector of logs can take it.

import { dictionary } from './browser/dictionary.ts'
import { attempt } from './browser/env.ts'
import type { CometError } from './errors.ts'
import type { NegotiationEvent, NegotiationState } from './negotiation/state.ts'
import type { Settings } from './options.ts'

/** Logs an event and the state that follows from it, both as JSON, if the application or the user asks for it. */
export function logStep (settings: Settings, event: NegotiationEvent, state: NegotiationState): void {
  attempt(() => {
    if (!isWanted(settings)) return
    ;(settings.env.console as Console).log('comet: ' + asJson(event) + ' -> ' + asJson(state))
  })
}

/** A function to be called with every error that the application receives. It warns of each cause once. */
export function createWarner ({ env }: Settings): (error: CometError) => void {
  const known = dictionary<true>()
  return (error) => {
    const { code, statusCode, message, retrying, retryIn } = error
    // What follows the colon may differ each time.
    const cause = [code, statusCode, retrying, message.split(':')[0]].join(' ')
    if (known[cause]) return
    known[cause] = true
    const outcome = retryIn === undefined ? '' : '; trying again in ' + (retryIn / 1000).toFixed(1) + ' s'
    // An old browser has no console until its developer tools are open.
    attempt(() => { (env.console as Console).warn('comet: ' + inWords(error) + outcome) })
  }
}

// A storage may be forbidden, and Node prints a warning when its own is used.
function isWanted ({ debug, env }: Settings): boolean {
  return debug || (!!env.document && (env.localStorage as Storage).comet === 'debug')
}

function inWords ({ message, code, statusCode }: CometError): string {
  return message + ' (' + code + (statusCode ? ', status ' + statusCode : '') + ')'
}

/** The message of an error is no part of its JSON. */
function asJson (value: object): string {
  return JSON.stringify(value, (_key, part: unknown) => part instanceof Error ? inWords(part as CometError) : part)
}
