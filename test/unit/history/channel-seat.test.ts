import t from 'tap'
import { ChannelSeat } from '../../../lib/history/channel-seat.ts'
import type { ChannelUser } from '../../../lib/history/channel.ts'
import { createBus } from '../../fixtures/bus.ts'

const user = (): ChannelUser => ({ serve () {}, restart () {}, fail () {} }) as unknown as ChannelUser

t.test('a channel has its users while they have a seat', async (t) => {
  const { history } = createBus(t)
  const [first, second] = [new ChannelSeat(history, 'a', user()), new ChannelSeat(history, 'a', user())]
  t.equal(first.channel, second.channel)
  t.equal(first.channel.users.size, 2)
  first.leave()
  t.same([first.isLeft, second.isLeft], [true, false])
  t.equal(second.channel.users.size, 1)
})

t.test('a channel that holds nothing goes with its last user, once', async (t) => {
  const { history } = createBus(t)
  const [first, second] = [new ChannelSeat(history, 'a', user()), new ChannelSeat(history, 'a', user())]
  first.leave()
  first.leave()
  t.equal(history.channels, 1)
  second.leave()
  t.equal(history.channels, 0)
})
