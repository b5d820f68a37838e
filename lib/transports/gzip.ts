import { constants, crc32, deflateRawSync } from 'node:zlib'

/**
 * A piece of any gzip stream: blocks that end on a byte boundary and refer to nothing before them, so that the same
 * bytes can be part of every connection's stream.
 */
export interface Deflated {
  readonly body: Buffer
  /** the number of uncompressed bytes */
  readonly length: number
  readonly crc: number
  /** what a checksum is multiplied by before these bytes are added to it */
  readonly shift: number
}

/**
 * The first ten bytes of every gzip stream: deflate, no flags, no time, unknown system, see
 * https://www.rfc-editor.org/rfc/rfc1952.
 */
export const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])

const FINAL_BLOCK = [3, 0]

/** Compresses a piece, so that it can stand anywhere in any gzip stream. */
export function deflate (plain: Buffer): Deflated {
  const body = deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH })
  return { body, length: plain.length, crc: crc32(plain), shift: shiftOf(plain.length) }
}

/** The checksum of one stream, updated by each piece without reading its bytes again. */
export class Checksum {
  #crc = 0
  #length = 0

  add ({ crc, length, shift }: Deflated): void {
    this.#crc = (multiply(shift, this.#crc) ^ crc) >>> 0
    this.#length = (this.#length + length) % 0x1_0000_0000
  }

  /** The bytes that end the stream. */
  trailer (): Buffer {
    const trailer = Buffer.alloc(10)
    trailer.set(FINAL_BLOCK)
    trailer.writeUInt32LE(this.#crc, 2)
    trailer.writeUInt32LE(this.#length, 6)
    return trailer
  }
}

/** Whether an `Accept-Encoding` header names gzip and does not refuse it. */
export function acceptsGzip (header: string | undefined): boolean {
  const gzip = header?.split(',').find((coding) => /^\s*(x-)?gzip\s*(;|$)/i.test(coding))
  return gzip !== undefined && !/;\s*q=0(\.0*)?\s*$/i.test(gzip)
}

// Checksums are polynomials over GF(2), lowest power first, modulo that of CRC-32. Bytes that follow multiply what was
// before by x^(8 n): the way of zlib's crc32_combine.
const MODULUS = 0xedb88320
const X_TO_POWERS_OF_TWO = powers()

function shiftOf (length: number): number {
  let product = 0x8000_0000
  for (let rest = length, power = 3; rest > 0; rest = Math.floor(rest / 2), power++) {
    if (rest % 2 === 1) product = multiply(X_TO_POWERS_OF_TWO[power % 32] as number, product)
  }
  return product
}

function multiply (a: number, b: number): number {
  let product = 0
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit & 1) === 1) product ^= b
    b = (b & 1) === 1 ? b >>> 1 ^ MODULUS : b >>> 1
  }
  return product >>> 0
}

function powers (): number[] {
  const table = [0x4000_0000]
  while (table.length < 32) table.push(multiply(table.at(-1) as number, table.at(-1) as number))
  return table
}
