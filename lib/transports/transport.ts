import type { WireFrame } from './frames.ts'
import type { TransportName } from '../protocol/wire.ts'
import type { ConnectionPolicy } from './policy.ts'

/** What the beginning of a response depends on. */
export interface PreambleContext {
  /** the delay after which a browser that reconnects by itself should do so, in ms */
  readonly retry: number
  /** the origin to post frames to; empty for the server's own */
  readonly origin: string
}

/** How frames travel, and all that differs between transports on the server. A value: no state, no input or output. */
export interface Transport {
  /** Names the route, and the transport in `stats()` and events. */
  readonly name: TransportName
  /** What a connection does: `STREAM` or `POLL`. */
  readonly policy: ConnectionPolicy
  /**
   * Bytes after which a response is ended and replaced by the next one, so that nothing in the browser grows without
   * limit.
   */
  readonly maxBytes: number
  /**
   * How a client is sent away: by a status, or by a stream of one `close` frame for one that never reconnects after a
   * status.
   */
  readonly refusal: 'status' | 'stream'
  /**
   * How an error is sent: as Fastify sends errors, or as a document of the transport, where the client sees no status.
   */
  readonly errorAs: 'status' | 'document'
  /** Whether a request may name the origin that its frames are posted to. */
  readonly takesOrigin: boolean
  /** Headers of its own, beside those that all transports send. `undefined` removes what others have set. */
  headers (context: PreambleContext): Record<string, string | undefined>
  /** What is sent before the first frame. */
  preamble (context: PreambleContext): string
  /** The text of one batch. */
  encode (frames: readonly WireFrame[]): string
}
