import type { TransportName } from '../../protocol.ts'
import type { Transport } from './transport.ts'
import { eventsource } from './eventsource.ts'
import { iframe } from './iframe.ts'
import { longPoll } from './long-poll.ts'

export const TRANSPORTS: Record<TransportName, Transport> = { eventsource, iframe, 'long-poll': longPoll }
