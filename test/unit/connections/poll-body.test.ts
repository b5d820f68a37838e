import type { Readable } from 'node:stream'
import t from 'tap'
import { PollBody } from '../../../lib/connections/poll-body.ts'
import { stopClock } from '../../fixtures/bus.ts'

t.test('a body of up to 64 KiB is sent as it is', async (t) => {
  const bytes = Buffer.alloc(65_536)
  const body = new PollBody(bytes)
  t.equal(body.payload, bytes)
  t.equal(body.length, 65_536)
})

t.test('a larger one is sent in pieces of that size', async (t) => {
  const bytes = Buffer.from('x'.repeat(150_000))
  const { payload, length } = new PollBody(bytes)
  t.equal(length, 150_000)
  const pieces: Buffer[] = []
  for await (const piece of payload as Readable) pieces.push(piece as Buffer)
  t.same(pieces.map((piece) => piece.length), [65_536, 65_536, 18_928])
  t.ok(Buffer.concat(pieces).equals(bytes))
})

t.test('it knows when the client last took a piece', async (t) => {
  const wait = stopClock(t)
  const body = new PollBody(Buffer.alloc(200_000))
  const { payload, readAt } = body
  wait(1000)
  t.equal(body.readAt, readAt)
  ;(payload as Readable).read()
  t.equal(body.readAt, readAt + 1000)
})
