import t from 'tap'
import { isFrame, parse, positionAfter, receive } from '../../../../lib/client/connection/frames.ts'
import type { Frame } from '../../../../lib/protocol/wire.ts'

const FRAMES: Frame[] = [
  { id: 'e-1', channel: 'a', data: null },
  { id: 'e-1', channel: 'a', data: null, history: true },
  { type: 'open', cursor: 'e-1', resumed: true, heartbeat: 1, poll: 1 },
  { type: 'joined', channels: ['a'], cursor: 'e-1' },
  { type: 'gap', channels: ['a'], reason: 'evicted', cursor: 'e-1' },
  { type: 'denied', channels: ['a'] },
  { type: 'heartbeat', cursor: 'e-1', time: 0 },
  { type: 'close', reason: 'busy' },
  { type: 'error', statusCode: 403, code: 'x', message: 'y' }
]

t.test('each frame of the protocol is one, and so is one of a type to come', async (t) => {
  for (const frame of FRAMES) t.ok(isFrame(frame), JSON.stringify(frame))
  t.ok(isFrame({ type: 'unheard-of' }))
})

t.test('what lacks something that its type must have is none', async (t) => {
  for (const value of [
    null, 1, 'text', [], {}, { id: 'e-1' }, { channel: 'a' }, { id: 1, channel: 'a' }, { type: 1 },
    { type: 'open', cursor: '', heartbeat: 1, poll: 1 }, { type: 'open', cursor: 'e-1', heartbeat: 0, poll: 1 },
    { type: 'open', cursor: 'e-1', heartbeat: 1 }, { type: 'gap' }, { type: 'joined', channels: 'a' },
    { type: 'denied' }, { type: 'heartbeat', cursor: 1 }
  ]) t.notOk(isFrame(value), JSON.stringify(value))
})

t.test('text that is a frame is handed on, any other is not', async (t) => {
  const got: Frame[] = []
  for (const text of ['', '{', '[]', 'null', '{"id":"e-1","channel":"a","data":1}']) {
    receive(text, (frame) => { got.push(frame) })
  }
  t.same(got, [{ id: 'e-1', channel: 'a', data: 1 }])
  t.equal(parse('{'), undefined)
  t.equal(parse('0'), 0)
})

t.test('a message and a frame with a cursor move the client, what a join replays does not', async (t) => {
  t.same(FRAMES.map(positionAfter), [
    'e-1', undefined, 'e-1', 'e-1', 'e-1', undefined, 'e-1', undefined, undefined
  ])
})
