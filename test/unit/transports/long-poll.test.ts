import t from 'tap'
import { longPoll } from '../../../lib/transports/long-poll.ts'

const CONTEXT = { retry: 0, origin: '' }

t.test('is JSON that ends after a flush and has at most 1 MiB', async (t) => {
  t.same(longPoll.headers(CONTEXT), { 'content-type': 'application/json' })
  t.same([longPoll.name, longPoll.policy.endsAfterFlush, longPoll.maxBytes], ['long-poll', true, 1_048_576])
  t.equal(longPoll.preamble(CONTEXT), '')
})

t.test('frames are an array', async (t) => {
  t.equal(longPoll.encode([]), '[]')
  t.equal(longPoll.encode([{ json: '{"a":1}', id: 'e-1' }]), '[{"a":1}]')
  t.equal(longPoll.encode([{ json: '1' }, { json: '2', control: true, retry: 7 }]), '[1,2]')
})
