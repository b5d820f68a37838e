// What outlives a state of the negotiation: the rules that it was given, and what it has learnt.

import type { TransportName } from '../../protocol/wire.ts'
import { copy } from '../browser/dictionary.ts'
import type { CometError } from '../errors.ts'

/** A transport is demoted after this many connections in a row that delivered nothing. */
export const MAX_STRIKES = 3

/** The delay before the first probe for a better transport, in ms. */
export const FIRST_PROBE = 15_000
/** The longest delay between two probes, in ms. */
export const LAST_PROBE = 600_000

/** The rules of a negotiation, and what it has learnt. A step changes its own copy. */
export interface Memory {
  /** The transports that the application allows and the browser supports, best first. */
  readonly transports: readonly TransportName[]
  /** How long a stream may take until its first frame, in ms. */
  readonly timeout: number
  /** Whether to probe for a better transport than the carrier's. */
  readonly upgrade: boolean
  /**
   * The carrier's transport, or that of the last carrier. Null before the first one and after the session has ended.
   */
  transport: TransportName | null
  /** The transport that was tried last, of those that shall carry the messages. */
  tried: TransportName
  /** The number of reconnects in a row that delivered nothing. */
  attempt: number
  /** The number of connections in a row that delivered nothing while another transport worked. */
  strikes: Partial<Record<TransportName, number>>
  /** The delay before the next probe for a better transport, in ms. */
  probeDelay: number
  /**
   * Set for one step: the reason why the session is closed or, if it is still open, why its last change of channels was
   * refused.
   */
  error: CometError | null
  /** Why the last attempt failed, although another one follows. Each failure is an object of its own. */
  failure: CometError | null
  /** The number that the newest slot or timer was given. */
  lastId: number
}

/** The memory of a new negotiation. Transports better than `remembered`, which worked recently, are tried later. */
export function createMemory (
  transports: readonly TransportName[], timeout: number, upgrade: boolean, remembered?: TransportName
): Memory {
  const memory: Memory = {
    transports,
    timeout,
    upgrade,
    transport: null,
    tried: transports[0] as TransportName,
    attempt: 0,
    strikes: {},
    probeDelay: FIRST_PROBE,
    error: null,
    failure: null,
    lastId: 0
  }
  demoteBetter(memory, remembered)
  return memory
}

/** A copy for the next step, without the last one's error. */
export function copyMemory (memory: Memory): Memory {
  const own: Memory = copy(memory)
  own.strikes = copy(memory.strikes)
  own.error = null
  return own
}

/** The transport's place in the order of preference: 0 is the best, -1 one that is not allowed. */
export function rankOf ({ transports }: Memory, transport: TransportName): number {
  return transports.indexOf(transport)
}

/** Whether polls may carry messages. If not, they only find out why a stream fails. */
export function mayPoll (memory: Memory): boolean {
  return rankOf(memory, 'long-poll') >= 0
}

/** Whether too many of the transport's connections in a row have delivered nothing. */
export function isDemoted ({ strikes }: Memory, transport: TransportName): boolean {
  return (strikes[transport] || 0) >= MAX_STRIKES
}

/** The best transport that is not demoted, or the last one if all are. */
export function bestTransport (memory: Memory): TransportName {
  const { transports } = memory
  return transports.filter((name) => !isDemoted(memory, name)).concat(transports.slice(-1))[0] as TransportName
}

/** Counts a connection that delivered nothing. */
export function recordFailure ({ strikes }: Memory, transport: TransportName): void {
  strikes[transport] = (strikes[transport] || 0) + 1
}

/** Demotes all transports that are better than this one. */
export function demoteBetter (memory: Memory, transport: TransportName | undefined): void {
  const { transports, strikes } = memory
  const rank = transports.indexOf(transport as TransportName)
  transports.forEach((name, index) => { if (index < rank) strikes[name] = MAX_STRIKES })
}

/** The network may be another one: forgets which transports have failed, and makes the next probe due immediately. */
export function clearFailures (memory: Memory): void {
  memory.strikes = {}
  memory.probeDelay = 0
}
