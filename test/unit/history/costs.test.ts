import t from 'tap'
import { channelBytes, messageBytes } from '../../../lib/history/costs.ts'

t.test('text that is not ASCII counts with two bytes for each character', async (t) => {
  const of = (data: string): number => messageBytes(data, Buffer.byteLength(data))
  t.equal(of('x'.repeat(1000)) - of(''), 1000)
  t.equal(of('é'.repeat(1000)) - of(''), 2000)
  t.equal(of('\u{1f4a9}'.repeat(1000)) - of(''), 4000)
})

t.test('an empty message and a channel without a name cost something', async (t) => {
  t.ok(messageBytes('', 0) > 0)
  t.ok(channelBytes('') > 0)
  t.ok(channelBytes('long') > channelBytes(''))
})
