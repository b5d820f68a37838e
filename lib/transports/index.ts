import { eventsource } from './eventsource.ts'
import { iframe } from './iframe.ts'
import { longPoll } from './long-poll.ts'
import type { Transport } from './transport.ts'

/** All transports. The route of each is its name. */
export const transports: readonly Transport[] = [eventsource, iframe, longPoll]
