import fc from 'fast-check'
import t from 'tap'
import { Channel } from '../../../lib/history/channel.ts'
import { framesOf, LIMITS, stored } from '../../fixtures/bus.ts'
import { property } from '../../fixtures/property.ts'

const user = { serve (): void {}, restart (): void {} }

t.test('has its name as JSON text too', async (t) => {
  t.equal(new Channel('a"b', LIMITS, 0).json, '"a\\"b"')
})

t.test('is idle without a user and without messages', async (t) => {
  const channel = new Channel('chat', LIMITS, 0)
  t.equal(channel.idle, true)
  channel.users.add(user)
  t.equal(channel.idle, false)
  channel.users.delete(user)
  channel.retain(stored(channel, 1))
  t.equal(channel.idle, false)
})

t.test('its newest message is the last one held, or the last one evicted', async (t) => {
  const channel = new Channel('chat', LIMITS, 4)
  t.equal(channel.newest, 4)
  channel.retain(stored(channel, 9))
  t.equal(channel.newest, 9)
})

t.test('finds the first message after an offset', async (t) => {
  await property(t, fc.tuple(fc.uniqueArray(fc.nat(50)), fc.nat(50)), ([numbers, offset]) => {
    const offsets = numbers.sort((a, b) => a - b)
    const channel = new Channel('chat', LIMITS, 0)
    for (const offset of offsets) channel.retain(stored(channel, offset))
    const index = offsets.findIndex((other) => other > offset)
    return channel.indexAfter(offset) === (index === -1 ? offsets.length : index)
  })
})

t.test('counts at least the bytes that a frame takes, and few more', async (t) => {
  await property(t, fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), ([name, value]) => {
    const channel = new Channel(name, LIMITS, 0)
    const data = JSON.stringify(value)
    const message = { ...stored(channel, 12), data }
    const counted = channel.frameBytes(message.id, Buffer.byteLength(data))
    const frames = framesOf({ items: [message, { message, isHistory: true }] })
    const most = Math.max(...frames.map(({ json }) => Buffer.byteLength(json)))
    return counted >= most && counted <= most + 32
  })
})

function channelWith (offsets: readonly number[], evicted = 0): Channel {
  const channel = new Channel('a', LIMITS, evicted)
  for (const offset of offsets) channel.retain(stored(channel, offset))
  return channel
}

t.test('its last messages lie after the offset before them', async (t) => {
  const a = channelWith([2, 5, 7, 9])
  t.same([1, 2, 3, 4].map((count) => a.offsetBefore(count)), [7, 5, 2, 0])
})

t.test('none of its messages lies after the newest, retained or not', async (t) => {
  t.equal(channelWith([2, 5]).offsetBefore(0), 5)
  t.equal(channelWith([], 4).offsetBefore(0), 4)
})

t.test('more messages than are retained lie after what was evicted', async (t) => {
  t.equal(channelWith([4, 5], 3).offsetBefore(2), 3)
  t.equal(channelWith([4, 5], 3).offsetBefore(100), 3)
  t.equal(channelWith([], 3).offsetBefore(5), 3)
})

t.test('finds the first message after an offset', async (t) => {
  const a = channelWith([2, 5])
  t.same([0, 1, 2, 4, 5].map((offset) => a.firstAfter(offset)), [2, 2, 5, 5, Infinity])
})
