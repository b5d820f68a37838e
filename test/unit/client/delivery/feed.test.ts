import t from 'tap'
import { Feed } from '../../../../lib/client/delivery/feed.ts'
import { createSettings } from '../../../../lib/client/options.ts'
import type { ChannelSet } from '../../../../lib/client/delivery/channel-set.ts'
import type { Frame, MessageFrame } from '../../../../lib/protocol/wire.ts'
import { nodeEnv } from '../../../fixtures/client-env.ts'
import { memoryBrowser } from '../../../fixtures/client-in-memory.ts'

const message = (id: string, channel = 'a', more: Partial<MessageFrame> = {}): Frame =>
  ({ id, channel, data: null, ...more })
const open = (cursor: string, resumed = true): Frame => ({ type: 'open', cursor, resumed, heartbeat: 1, poll: 1 })
const joined = (cursor: string, ...channels: string[]): Frame => ({ type: 'joined', channels, cursor })
const gap = (cursor: string, ...channels: string[]): Frame => ({ type: 'gap', channels, reason: 'evicted', cursor })
const denied = (...channels: string[]): Frame => ({ type: 'denied', channels })
const heartbeat = (cursor: string): Frame => ({ type: 'heartbeat', cursor, time: 0 })

/** A feed on these channels, open at position 0, and what its listeners have received. */
function setUp (...channels: string[]) {
  const received: string[] = []
  const settings = createSettings(nodeEnv(), 'http://127.0.0.1/comet', {})
  const feed = new Feed(settings, (event) => { if (event !== 'heartbeat') received.push(event) }, () => {})
  const want = (channel: string, history = 0) => feed.subscribe({
    channel,
    history,
    onFrame: (frame) => { if ('id' in frame) received.push(frame.id) }
  })
  const unsubscribes = channels.map((channel) => want(channel))
  const first = feed.nextChannelSet()
  feed.receive(first, open('0', false))
  return {
    feed,
    received,
    first,
    want,
    unwant: (index: number) => { unsubscribes[index]?.() },
    /** What a connection brings while another one is tried. */
    take: (set: ChannelSet, frames: Frame[], candidate: ChannelSet | null = null) => {
      feed.candidate = candidate
      return frames.map((frame) => feed.receive(set, frame))
    }
  }
}

t.test('delivers what comes, and moves its position', async (t) => {
  const { feed, received, take, first } = setUp('a')
  t.equal(feed.position, '0')
  t.same(take(first, [message('1'), message('2'), heartbeat('5')]), [true, true, true])
  t.same(received, ['1', '2'])
  t.equal(feed.position, '5')
})

t.test('delivers what two connections bring once, and keeps the position of the first one until the second one gets there', async (t) => {
  const { feed, received, take, first } = setUp('a')
  const second = feed.nextChannelSet()
  t.equal(second.request.cursor, '0')
  take(first, [message('1'), message('2')], second)
  take(second, [open('0'), message('1')])
  t.equal(feed.position, '2')
  t.equal(feed.nextChannelSet().request.cursor, '2', 'a third one starts there too')
  take(second, [message('2'), message('3')])
  t.same(received, ['1', '2', '3'])
  t.equal(feed.position, '3')
})

for (const [title, frame] of [
  ['a message that the first one did not bring', message('0a', 'b')],
  ['a gap', gap('1', 'a')],
  ['a gap on another channel', gap('0a', 'b')],
  ['a denied channel', denied('a')],
  ['a heartbeat', heartbeat('3')]
] as const) {
  t.test(`gives up a connection that brings ${title} where repeats should be`, async (t) => {
    const { feed, received, take, first } = setUp('a', 'b')
    const second = feed.nextChannelSet()
    take(first, [message('1'), message('2')], second)
    t.same(take(second, [open('0'), frame]), [true, false])
    t.same(received.splice(0), ['1', '2'])
    const third = feed.nextChannelSet()
    t.equal(third.request.cursor, '2', 'nothing is lost')
    t.same(take(third, [open('2'), frame, message('3')]), [true, true, true], 'from another connection it is accepted')
  })
}

t.test('does not wait for messages on a channel that is no longer carried', async (t) => {
  const { feed, received, take, first, unwant } = setUp('a', 'b')
  unwant(1)
  const second = feed.nextChannelSet()
  take(first, [message('1', 'a'), message('2', 'b')], second)
  t.same(take(second, [open('0'), message('1', 'a'), message('3', 'a')]), [true, true, true])
  t.same(received, ['1', '3'])
})

t.test('activates channels when they have joined, after the repeats', async (t) => {
  const { feed, received, take, first, want } = setUp('a')
  want('b', 2)
  const second = feed.nextChannelSet()
  t.match(second.request, { channels: ['a', 'b'], join: ['b'], history: [2], cursor: '0' })
  take(first, [message('1'), message('4')], second)
  received.splice(0)
  take(second, [open('0'), message('x', 'b', { history: true }), message('1'), joined('2', 'b'), message('3', 'b')])
  t.same(received, [])
  t.same([feed.position, feed.nextChannelSet().request.join], ['4', ['b']], 'cut here, it would join again')
  take(second, [message('4'), message('5', 'b')])
  t.same(received, ['x', '3', '5'])
  t.same([feed.position, feed.nextChannelSet().request.join], ['5', []])
})

t.test('drops the history of a channel whose connection ends before it has joined', async (t) => {
  const { feed, received, take, want } = setUp('a')
  want('b', 2)
  take(feed.nextChannelSet(), [open('0'), message('x', 'b', { history: true }), message('1')])
  t.same(received, ['1'])
  t.match(feed.nextChannelSet().request, { cursor: '1', join: ['b'] })
})

t.test('gives up a connection that would join what is active already', async (t) => {
  const { feed, take, want } = setUp('a')
  want('b')
  const second = feed.nextChannelSet()
  const third = feed.nextChannelSet()
  take(second, [open('0'), joined('1', 'b')])
  t.same(take(third, [open('0')]), [false])
  t.equal(feed.position, '1')
})

t.test('gives up such a connection also where it has messages to repeat', async (t) => {
  const { feed, received, take, first, want } = setUp('a')
  want('b', 1)
  const second = feed.nextChannelSet()
  const third = feed.nextChannelSet()
  take(second, [open('0'), message('x', 'b', { history: true }), joined('0', 'b'), message('1', 'a')], third)
  t.same(received, ['x', '1'])
  t.same(take(third, [open('0')]), [false])
  t.same(take(first, [message('2', 'a')]), [true])
})

t.test('a late subscriber without history shares what the others receive', async (t) => {
  const { received, take, first, want } = setUp('a')
  const unsubscribe = want('a')
  take(first, [message('1')])
  unsubscribe()
  take(first, [message('2')])
  t.same(received, ['1', '1', '2'])
})

t.test('a late subscriber fetches its history when its channel is active: what comes before, the carrier will not bring', async (t) => {
  const { settings, requests } = memoryBrowser()
  const feed = new Feed(settings(), () => {}, () => {})
  const subscribe = () => feed.subscribe({ channel: 'a', history: 2, onFrame: () => {} })
  subscribe()
  subscribe()
  t.equal(requests.length, 0)
  feed.receive(feed.nextChannelSet(), open('0', false))
  t.equal(requests.length, 1)
  subscribe()
  t.equal(requests.length, 2)
})

t.test('a channel that is wanted again continues, and with history it joins', async (t) => {
  const { feed, take, first, want, unwant } = setUp('a')
  unwant(0)
  const unsubscribe = want('a')
  t.notOk(feed.differsFrom(first))
  unsubscribe()
  want('a', 5)
  t.ok(feed.differsFrom(first))
  const second = feed.nextChannelSet()
  t.same(second.request.join, ['a'])
  take(second, [open('0'), joined('0', 'a')])
  t.notOk(feed.differsFrom(second))
})

t.test('a channel that joins again, and is still carried, delays no other', async (t) => {
  const { feed, received, take, first, want, unwant } = setUp('a', 'b')
  unwant(0)
  feed.nextChannelSet()
  want('a')
  const second = feed.nextChannelSet()
  take(first, [message('1', 'a'), message('2', 'b')], second)
  take(second, [open('0'), message('2', 'b'), joined('2', 'a'), message('3', 'b'), message('4', 'a')])
  t.same(received, ['2', '3', '4'])
})

t.test('a channel left out of a connection has to join again', async (t) => {
  const { feed, want, unwant } = setUp('a', 'b')
  unwant(1)
  feed.nextChannelSet()
  want('b')
  t.same(feed.nextChannelSet().request.join, ['b'])
})

t.test('a denied channel is no longer wanted', async (t) => {
  const { feed, received, take, first } = setUp('a', 'b')
  take(first, [denied('b'), message('1', 'b'), message('2', 'a')])
  t.same(received, ['denied', '2'])
  t.same(feed.channels(), ['a'])
  t.notOk(feed.differsFrom(first))
})

t.test('names like __proto__ are names like any other', async (t) => {
  const { received, take, first } = setUp('__proto__', 'toString')
  take(first, [message('1', '__proto__'), message('2', 'toString'), message('3', 'constructor')])
  t.same(received, ['1', '2'])
})
