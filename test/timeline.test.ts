import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Channel, type StoredMessage } from '../lib/channel.ts'
import { Timeline } from '../lib/timeline.ts'
import { LIMITS, stored } from './fixtures/engine.ts'

const channel = new Channel('chat', LIMITS, 0)

function offsets (timeline: Timeline): number[] {
  const found: number[] = []
  for (let message = timeline.oldest; message !== undefined; message = message.newer) found.push(message.offset)
  return found
}

t.test('lists its messages from the oldest', async (t) => {
  const timeline = new Timeline()
  t.equal(timeline.oldest, undefined)
  for (const offset of [1, 2, 3]) timeline.push(stored(channel, offset))
  t.same(offsets(timeline), [1, 2, 3])
})

t.test('a message that has left holds no other', async (t) => {
  const timeline = new Timeline()
  const messages = [1, 2, 3].map((offset) => stored(channel, offset))
  for (const message of messages) timeline.push(message)
  const middle = messages[1] as StoredMessage
  timeline.remove(middle)
  t.same([middle.older, middle.newer], [undefined, undefined])
})

t.test('stays in order whatever leaves', async (t) => {
  fc.assert(fc.property(fc.array(fc.option(fc.nat())), (operations) => {
    const timeline = new Timeline()
    const model: StoredMessage[] = []
    for (const [index, operation] of operations.entries()) {
      if (operation === null) {
        const message = stored(channel, index)
        model.push(message)
        timeline.push(message)
      } else {
        const [message] = model.splice(operation % (model.length + 1), 1)
        if (message !== undefined) timeline.remove(message)
      }
      assert.deepEqual(offsets(timeline), model.map(({ offset }) => offset))
    }
  }))
  t.pass()
})
