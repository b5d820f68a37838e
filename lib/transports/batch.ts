import { deflate, type Deflated } from './gzip.ts'

/** Bytes in the two forms that a response may need. */
export interface Bytes {
  /** the bytes alone */
  readonly body: Buffer
  /** the same as one chunk of HTTP/1.1's chunked coding */
  readonly chunk: Buffer
}

/** Encoded frames: the bytes of one write, made once for all connections that get them. */
export class Batch implements Bytes {
  readonly body: Buffer
  readonly chunk: Buffer
  /** the number of messages */
  readonly messages: number
  /** the number of gap frames */
  readonly gaps: number
  #deflated: (Deflated & Bytes) | undefined

  constructor (text: string, messages = 0, gaps = 0) {
    const length = Buffer.byteLength(text)
    const size = sizeLine(length)
    this.chunk = Buffer.allocUnsafe(size.length + length + 2)
    this.chunk.write(size, 0, 'latin1')
    this.chunk.write(text, size.length)
    this.chunk.write('\r\n', size.length + length, 'latin1')
    this.body = this.chunk.subarray(size.length, size.length + length)
    this.messages = messages
    this.gaps = gaps
  }

  /** The same as a piece of any gzip stream, compressed once, when the first connection needs it. */
  get deflated (): Deflated & Bytes {
    if (this.#deflated === undefined) {
      const deflated = deflate(this.body)
      this.#deflated = { ...deflated, ...bytesOf(deflated.body) }
    }
    return this.#deflated
  }
}

/** Bytes for one write, as they are and as one chunk of HTTP/1.1. */
export function bytesOf (body: Buffer): Bytes {
  return { body, chunk: Buffer.concat([Buffer.from(sizeLine(body.length)), body, Buffer.from('\r\n')]) }
}

function sizeLine (length: number): string {
  return `${length.toString(16)}\r\n`
}
