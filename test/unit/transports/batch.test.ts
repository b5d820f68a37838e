import { constants, inflateRawSync } from 'node:zlib'
import t from 'tap'
import { Batch, bytesOf } from '../../../lib/transports/batch.ts'

t.test('has its bytes alone and as a chunk', async (t) => {
  const batch = new Batch('hällo', 2, 1)
  t.equal(batch.body.toString(), 'hällo')
  t.equal(batch.chunk.toString(), '6\r\nhällo\r\n')
  t.equal(batch.messages, 2)
  t.equal(batch.gaps, 1)
})

t.test('gives a chunk its length in hexadecimal', async (t) => {
  t.equal(new Batch('x'.repeat(300)).chunk.toString(), `12c\r\n${'x'.repeat(300)}\r\n`)
})

t.test('counts no messages unless it is told', async (t) => {
  const { messages, gaps } = new Batch('x')
  t.same({ messages, gaps }, { messages: 0, gaps: 0 })
})

t.test('is deflated once, when it is asked for', async (t) => {
  const batch = new Batch('hällo '.repeat(100))
  const { deflated } = batch
  t.equal(batch.deflated, deflated)
  t.equal(deflated.length, batch.body.length)
  t.equal(inflateRawSync(deflated.body, { finishFlush: constants.Z_SYNC_FLUSH }).toString(), 'hällo '.repeat(100))
  t.equal(
    deflated.chunk.toString('latin1'), `${deflated.body.length.toString(16)}\r\n${deflated.body.toString('latin1')}\r\n`
  )
})

t.test('any bytes have a chunk', async (t) => {
  const { body, chunk } = bytesOf(Buffer.from('0123456789abcdef'))
  t.equal(body.toString(), '0123456789abcdef')
  t.equal(chunk.toString(), '10\r\n0123456789abcdef\r\n')
})
