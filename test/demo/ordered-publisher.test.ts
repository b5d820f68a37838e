import t from 'tap'
import { Courier } from '../../demo/nodes/ordered-publisher.ts'
import type { NodeProcess } from '../../demo/nodes/node-process.ts'
import type { Order } from '../../demo/nodes/messages.ts'

/** A node that keeps what it is told to publish. */
function fakeNode (): { node: NodeProcess, orders: Order[] } {
  const orders: Order[] = []
  return { orders, node: { publish: (order: Order) => { orders.push(order) } } as unknown as NodeProcess }
}

t.test('orders go to the node that is employed, in order, and wait while there is none', async (t) => {
  const courier = new Courier()
  const { node, orders } = fakeNode()
  const published = [1, 2, 3].map((data) => courier.publish('live', data))
  courier.employ(node)
  t.same(orders.map(({ data }) => data), [1, 2, 3])
  for (const { number } of orders) courier.answered(number)
  await Promise.all(published)
})

t.test('the next node gets what was not answered, under the same keys', async (t) => {
  const courier = new Courier()
  const [first, second] = [fakeNode(), fakeNode()]
  courier.employ(first.node)
  const published = [1, 2, 3].map((data) => courier.publish('live', data))
  courier.answered(1)
  courier.employ(second.node)
  t.same(second.orders, first.orders.slice(1))
  courier.answered(2)
  courier.answered(3)
  await Promise.all(published)
})

t.test('a refusal rejects', async (t) => {
  const courier = new Courier()
  courier.employ(fakeNode().node)
  const published = courier.publish('live', 1)
  courier.answered(1, 'too large')
  await t.rejects(published, { message: 'too large' })
})
