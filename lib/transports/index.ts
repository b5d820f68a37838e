import { eventsource } from './eventsource.ts'
import { iframe } from './iframe.ts'
import { longPoll } from './long-poll.ts'
import type { Transport } from './transport.ts'

/** Each is mounted under its name. */
export const transports: readonly Transport[] = [eventsource, iframe, longPoll]
