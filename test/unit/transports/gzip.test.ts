import { crc32, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { acceptsGzip, Checksum, deflate, GZIP_HEADER } from '../../../lib/transports/gzip.ts'
import { property } from '../../fixtures/property.ts'

/** A gzip stream of these pieces. */
function joined (pieces: readonly Buffer[]): Buffer {
  const checksum = new Checksum()
  const parts: Buffer[] = [GZIP_HEADER]
  for (const piece of pieces) {
    const deflated = deflate(piece)
    checksum.add(deflated)
    parts.push(deflated.body)
  }
  return Buffer.concat([...parts, checksum.trailer()])
}

const pieces = fc.array(fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)))

t.test('pieces and a trailer make a gzip stream', async () => {
  await property(t, pieces, (pieces) => gunzipSync(joined(pieces)).equals(Buffer.concat(pieces)))
})

t.test('the same piece may stand in many streams, and often in one', async (t) => {
  const piece = deflate(Buffer.from('again and again '))
  for (const times of [1, 2, 100]) {
    const checksum = new Checksum()
    for (let i = 0; i < times; i++) checksum.add(piece)
    const stream = Buffer.concat([GZIP_HEADER, ...Array.from({ length: times }, () => piece.body), checksum.trailer()])
    t.equal(gunzipSync(stream).toString(), 'again and again '.repeat(times))
  }
})

t.test('the trailer has the checksum and the length of everything', async () => {
  await property(t, pieces, (pieces) => {
    const whole = Buffer.concat(pieces)
    const trailer = joined(pieces).subarray(-8)
    return trailer.readUInt32LE(0) === crc32(whole) && trailer.readUInt32LE(4) === whole.length
  })
})

t.test('large pieces count too', async (t) => {
  const pieces = [Buffer.alloc(1_000_003, 'a'), Buffer.alloc(70_000, 'b'), Buffer.alloc(1, 'c')]
  t.ok(gunzipSync(joined(pieces)).equals(Buffer.concat(pieces)))
})

t.test('a length of 4 GiB and more is told modulo 2^32, as the format has it', async (t) => {
  const checksum = new Checksum()
  const piece = { ...deflate(Buffer.alloc(0)), length: 0x8000_0001 }
  checksum.add(piece)
  checksum.add(piece)
  t.equal(checksum.trailer().readUInt32LE(6), 2)
})

const accepting = [
  'gzip', 'GZIP', 'x-gzip', 'gzip, deflate, br', 'deflate,gzip', 'br;q=1.0, gzip;q=0.8', 'gzip;q=0.001', 'gzip; q=1',
  ' gzip '
]
const refusing = [
  undefined, '', 'identity', 'br', 'deflate, br', 'gzip;q=0', 'gzip; q=0.000', 'br, gzip ; q=0.0', 'notgzip',
  'gzipped', '*'
]

for (const header of accepting) {
  t.test(`Accept-Encoding "${header}" accepts gzip`, async (t) => { t.equal(acceptsGzip(header), true) })
}

for (const header of refusing) {
  t.test(header === undefined
    ? 'without Accept-Encoding gzip is not accepted'
    : `Accept-Encoding "${header}" does not name gzip, or refuses it`, async (t) => {
    t.equal(acceptsGzip(header), false)
  })
}
