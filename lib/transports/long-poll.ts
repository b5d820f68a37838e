import { MAX_POLL_BYTES } from '../protocol/wire.ts'
import { POLL } from './policy.ts'
import type { Transport } from './transport.ts'

/** A response that ends after its first flush: a JSON array of the frames that a stream would have sent up to it. */
export const longPoll: Transport = {
  name: 'long-poll',
  policy: POLL,
  maxBytes: MAX_POLL_BYTES,
  refusal: 'status',
  errorAs: 'status',
  takesOrigin: false,
  headers: () => ({ 'content-type': 'application/json' }),
  preamble: () => '',
  encode: (frames) => `[${frames.map((frame) => frame.json).join(',')}]`
}
