import t from 'tap'
import { ChannelSet } from '../../../../lib/client/delivery/channel-set.ts'
import type { MessageFrame } from '../../../../lib/protocol/wire.ts'

const message = (id: string, channel: string): MessageFrame => ({ id, channel, data: null })
const open = { type: 'open', cursor: '0', resumed: true, heartbeat: 1, poll: 1 } as const

function setOf (
  channels: string[], join: string[] = [], active = channels.filter((channel) => !join.includes(channel))
): ChannelSet {
  return new ChannelSet({ channels, join, history: join.map(() => 0), cursor: '0' }, (channel) =>
    active.includes(channel))
}

t.test('without channels that join, it has joined from the start', async (t) => {
  const set = setOf(['a'])
  t.notOk(set.isAwaitingJoined())
  t.same(set.joining, [])
  t.notOk(set.hold(message('1', 'a')))
  set.replayed()
  t.notOk(set.canJoin())
})

t.test('holds what comes on channels that join, until all is there and all is repeated', async (t) => {
  const set = setOf(['a', 'b'], ['b'])
  set.expectRepeat(message('1', 'a'))
  t.ok(set.hold(message('x', 'b')))
  t.notOk(set.hold(message('1', 'a')))
  t.ok(set.isAwaitingJoined())
  set.replayed()
  t.notOk(set.isAwaitingJoined())
  t.ok(set.hold(message('y', 'b')), 'the repeats are not over')
  t.notOk(set.canJoin())
  t.equal(set.accept(message('1', 'a')), 'repeat')
  t.ok(set.canJoin())
  t.same(set.join(), { channels: ['b'], messages: [message('x', 'b'), message('y', 'b')] })
  t.notOk(set.canJoin(), 'once')
  t.same(set.joining, [])
  t.notOk(set.hold(message('2', 'b')))
})

t.test('expects repeats only of channels that it carries and that do not join', async (t) => {
  const set = setOf(['a', 'b'], ['b'])
  set.expectRepeat(message('1', 'b'))
  set.expectRepeat(message('2', 'c'))
  t.ok(set.overlap.isOver())
  set.expectRepeat(message('3', 'a'))
  t.notOk(set.overlap.isOver())
})

t.test('has diverged where it would bring in a channel that is in already, also before repeats', async (t) => {
  const set = setOf(['a', 'b'], ['b'], ['a', 'b'])
  set.expectRepeat(message('1', 'a'))
  t.equal(set.accept(open), 'diverged')
  t.equal(setOf(['a', 'b'], ['b'], ['a', 'b']).accept(open), 'diverged')
  t.equal(setOf(['a', 'b'], ['b']).accept(open), 'new')
})

t.test('without its denied channels, it carries the others, and has joined where none is left to join', async (t) => {
  const set = setOf(['a', 'b', 'c'], ['b', 'c'])
  set.remove(['b'])
  t.same([set.carried, set.joining, set.isAwaitingJoined()], [['a', 'c'], ['c'], true])
  set.remove(['c', 'unknown'])
  t.same([set.carried, set.joining, set.isAwaitingJoined()], [['a'], [], false])
  t.notOk(set.canJoin())
})
