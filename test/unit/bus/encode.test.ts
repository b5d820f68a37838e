import t from 'tap'
import { Channel } from '../../../lib/history/channel.ts'
import { encode } from '../../../lib/bus/encode.ts'
import { control } from '../../../lib/history/slice.ts'
import { longPoll } from '../../../lib/transports/long-poll.ts'
import { framesOf, LIMITS, stored } from '../../fixtures/bus.ts'

const channel = new Channel('a"b', LIMITS, 0)
const message = stored(channel, 1)
const gap = { offset: 2, cursor: 'c-2', reason: 'evicted' as const, channels: ['a"b'] }

t.test('a message has its id, its channel and its data', async (t) => {
  t.same(framesOf({ items: [message] }), [{ json: '{"id":"e-1","channel":"a\\"b","data":1}', id: 'e-1' }])
})

t.test('a message before "joined" is no position, and is marked if it is history', async (t) => {
  t.same(framesOf({ items: [{ message, isHistory: true }, { message, isHistory: false }] }), [
    { json: '{"id":"e-1","channel":"a\\"b","data":1,"history":true}' },
    { json: '{"id":"e-1","channel":"a\\"b","data":1}' }
  ])
})

t.test('a gap names its channels, its reason and the position after it', async (t) => {
  t.same(framesOf({ items: [gap] }), [{
    json: '{"type":"gap","channels":["a\\"b"],"reason":"evicted","cursor":"c-2"}',
    control: true,
    id: 'c-2',
    retry: undefined
  }])
})

t.test('a control frame has its cursor as its id, unless it is no position', async (t) => {
  const frame = { type: 'joined' as const, channels: ['a'], cursor: 'c-2' }
  const json = '{"type":"joined","channels":["a"],"cursor":"c-2"}'
  t.same(framesOf({ items: [control(frame), control(frame, false)] }), [
    { json, control: true, id: 'c-2', retry: undefined },
    { json, control: true, retry: undefined }
  ])
})

t.test('a batch counts messages and gaps, and no other frames', async (t) => {
  const items = [message, { message, isHistory: true }, gap, control({ type: 'denied', channels: ['a'] }),
    control({ type: 'gap', channels: ['a'], reason: 'restarted', cursor: 'c-0' })]
  const batch = encode({ items }, longPoll)
  t.same([batch.messages, batch.gaps], [2, 2])
  const frames = JSON.parse(batch.body.toString()) as { type?: string }[]
  t.same(frames.map(({ type = 'message' }) => type), ['message', 'message', 'gap', 'denied', 'gap'])
})

t.test('a preamble precedes the first frame', async (t) => {
  t.equal(encode({ items: [] }, longPoll, 'first').body.toString(), 'first[]')
})
