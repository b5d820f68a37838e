/** Bytes for one write, made once for all connections that get them. */
export interface Batch {
  /** the bytes alone */
  readonly body: Buffer
  /** the same bytes as one chunk of HTTP/1.1's chunked coding */
  readonly chunk: Buffer
  /** messages in it */
  readonly messages: number
  /** gap frames in it */
  readonly gaps: number
}

export function batch (text: string, messages = 0, gaps = 0): Batch {
  const length = Buffer.byteLength(text)
  const size = `${length.toString(16)}\r\n`
  const chunk = Buffer.allocUnsafe(size.length + length + 2)
  chunk.write(size, 0, 'latin1')
  chunk.write(text, size.length)
  chunk.write('\r\n', size.length + length, 'latin1')
  return { body: chunk.subarray(size.length, size.length + length), chunk, messages, gaps }
}
