import t from 'tap'
import { Batch } from '../lib/batch.ts'

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
