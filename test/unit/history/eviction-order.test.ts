import t from 'tap'
import { Channel, type StoredMessage } from '../../../lib/history/channel.ts'
import { EvictionOrder } from '../../../lib/history/eviction-order.ts'
import { LIMITS, stored } from '../../fixtures/bus.ts'

const plain = (): Channel => new Channel('plain', LIMITS, 0)
const retaining = (): Channel => new Channel('retaining', { ...LIMITS, retain: true }, 0)

function push (order: EvictionOrder, channel: Channel, offset: number): StoredMessage {
  const message = stored(channel, offset)
  channel.retain(message)
  order.push(message)
  return message
}

t.test('the oldest message is the first', async (t) => {
  const order = new EvictionOrder()
  t.equal(order.first, undefined)
  const [one, other] = [push(order, plain(), 1), push(order, plain(), 2)]
  t.equal(order.first, one)
  order.remove(one)
  t.equal(order.first, other)
})

t.test('only the newest message of a channel that retains one is spared, and once', async (t) => {
  const order = new EvictionOrder()
  const channel = retaining()
  const [first, last] = [push(order, channel, 1), push(order, channel, 2)]
  const other = push(order, plain(), 3)
  t.same([order.spare(first), order.spare(other)], [false, false])
  order.remove(first)
  t.equal(order.spare(last), true)
  t.equal(order.first, other, 'a spared message comes after all others')
  order.remove(other)
  t.equal(order.first, last)
  t.equal(order.spare(last), false)
  order.remove(last)
  t.same([order.first, channel.spared], [undefined, undefined])
})

t.test('a spared message is the first again when its channel gets a newer one', async (t) => {
  const order = new EvictionOrder()
  const channel = retaining()
  const spared = push(order, channel, 1)
  push(order, plain(), 2)
  order.spare(spared)
  push(order, channel, 3)
  t.equal(order.first, spared)
})
