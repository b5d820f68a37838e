import t from 'tap'
import { OrderedPublisher } from '../../demo/nodes/ordered-publisher.ts'
import type { NodeProcess } from '../../demo/nodes/node-process.ts'
import type { PublishRequest } from '../../demo/nodes/messages.ts'

/** A node that keeps what it is told to publish. */
function fakeNode (): { node: NodeProcess, requests: PublishRequest[] } {
  const requests: PublishRequest[] = []
  return {
    requests,
    node: {
      publish: (request: PublishRequest) => {
        requests.push(request)
      }
    } as unknown as NodeProcess
  }
}

t.test('requests go to the node that is employed, in order, and wait while there is none', async (t) => {
  const publisher = new OrderedPublisher()
  const { node, requests } = fakeNode()
  const published = [1, 2, 3].map((data) => publisher.publish('live', data))
  publisher.use(node)
  t.same(requests.map(({ data }) => data), [1, 2, 3])
  for (const { number } of requests) publisher.settle(number)
  await Promise.all(published)
})

t.test('the next node gets what was not answered, under the same keys', async (t) => {
  const publisher = new OrderedPublisher()
  const [first, second] = [fakeNode(), fakeNode()]
  publisher.use(first.node)
  const published = [1, 2, 3].map((data) => publisher.publish('live', data))
  publisher.settle(1)
  publisher.use(second.node)
  t.same(second.requests, first.requests.slice(1))
  publisher.settle(2)
  publisher.settle(3)
  await Promise.all(published)
})

t.test('a refusal rejects', async (t) => {
  const publisher = new OrderedPublisher()
  publisher.use(fakeNode().node)
  const published = publisher.publish('live', 1)
  publisher.settle(1, 'too large')
  await t.rejects(published, { message: 'too large' })
})
