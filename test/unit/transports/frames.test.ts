import t from 'tap'
import { controlFrame, withoutId } from '../../../lib/transports/frames.ts'

t.test('the cursor of a control frame is its id', async (t) => {
  t.same(controlFrame({ type: 'heartbeat', cursor: 'c-2', time: 1 }), {
    json: '{"type":"heartbeat","cursor":"c-2","time":1}', control: true, id: 'c-2', retry: undefined
  })
})

t.test('a frame without a cursor has no id, and one with a retry carries it', async (t) => {
  t.same(controlFrame({ type: 'denied', channels: ['a'] }), {
    json: '{"type":"denied","channels":["a"]}', control: true, id: undefined, retry: undefined
  })
  t.same(controlFrame({ type: 'close', reason: 'rotate', retry: 0 }), {
    json: '{"type":"close","reason":"rotate","retry":0}', control: true, id: undefined, retry: 0
  })
})

t.test('a frame without its id is the same otherwise', async (t) => {
  t.same(withoutId({ json: '{}', id: 'c-1' }), { json: '{}', control: false, retry: undefined })
  t.same(withoutId({ json: '{}', id: 'c-1', control: true, retry: 5 }), { json: '{}', control: true, retry: 5 })
})
