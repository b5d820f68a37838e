import type { TransportName } from '../protocol/wire.ts'

/** A frame on its way out. */
export interface WireFrame {
  /** the frame as JSON text: no line breaks, they are escaped in it */
  readonly json: string
  /** the position that a browser's own reconnect resumes at */
  readonly id?: string | undefined
  /** anything but a message */
  readonly control?: boolean
  /** ms after which the client should come back */
  readonly retry?: number | undefined
}

export interface PreambleContext {
  /** ms after which a browser that reconnects by itself should do so */
  readonly retry: number
  /** the origin to post frames to; empty for the server's own */
  readonly origin: string
}

/** How frames travel. A value: no state, no input or output. */
export interface Transport {
  readonly name: TransportName
  /** whether the response ends after its first flush */
  readonly endsAfterFlush: boolean
  /** bytes after which a response is ended and made anew, so that nothing in the browser grows for ever */
  readonly maxBytes: number
  /** Headers of its own, beside those that all transports send. `undefined` removes what others have set. */
  headers (context: PreambleContext): Record<string, string | undefined>
  /** What is sent before the first frame. */
  preamble (context: PreambleContext): string
  /** One batch. */
  encode (frames: readonly WireFrame[]): string
}
