import t from 'tap'
import { Channel } from '../../../lib/history/channel.ts'
import { encode, gapFrame, historyFrame, joinedFrame, liveFrames, messageFrame } from '../../../lib/bus/encode.ts'
import { longPoll } from '../../../lib/transports/long-poll.ts'
import { LIMITS, stored } from '../../fixtures/engine.ts'

const channel = new Channel('a"b', LIMITS, 0)
const message = stored(channel, 1)
const gap = { offset: 2, reason: 'evicted' as const, channels: [channel] }
const toCursor = (offset: number): string => `c-${offset}`

t.test('a message has its id, its channel and its data', async (t) => {
  t.same(messageFrame(message), { json: '{"id":"e-1","channel":"a\\"b","data":1}', id: 'e-1' })
})

t.test('a message of the past is marked, and is no position', async (t) => {
  t.same(historyFrame(message), { json: '{"id":"e-1","channel":"a\\"b","data":1,"history":true}' })
})

t.test('a gap names its channels, its reason and the position after it', async (t) => {
  t.same(gapFrame(gap, 'c-2'), { json: '{"type":"gap","channels":["a\\"b"],"reason":"evicted","cursor":"c-2"}', control: true, id: 'c-2', retry: undefined })
})

t.test('"joined" names the channels and the position', async (t) => {
  t.same(joinedFrame(['a'], 'c-2'), { json: '{"type":"joined","channels":["a"],"cursor":"c-2"}', control: true, id: 'c-2', retry: undefined })
})

t.test('what was read becomes frames, and a batch that counts them', async (t) => {
  const reading = { items: [message, gap], end: 2 }
  t.same(liveFrames(reading, toCursor), [messageFrame(message), gapFrame(gap, 'c-2')])
  const batch = encode(longPoll, reading, toCursor)
  t.same([batch.messages, batch.gaps], [1, 1])
  t.match(JSON.parse(batch.body.toString()), [{ id: 'e-1' }, { type: 'gap' }])
})
