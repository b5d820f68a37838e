// `npm run long -- connects` does the same for longer, and sees what it takes.
import t from 'tap'
import { flood } from '../long/flood.ts'
import { serve } from '../fixtures/server.ts'
import { held, messages } from '../fixtures/transport-clients.ts'

t.test('however many connect and abort to a server that is full, who is there loses nothing, and nothing of them stays', async (t) => {
  const server = await serve(t, { comet: { maxConnections: 2 } })
  const { comet } = server.app
  const clients = [await held(server, 'eventsource'), await held(server, 'iframe')]
  let published = 0
  const publishing = setInterval(() => {
    comet.publish('a', ++published).catch((error: unknown) => { t.error(error) })
  }, 5)
  const { refused, retries, others, failed } = await flood(server.port, 500)
  clearInterval(publishing)
  const numbers = Array.from({ length: published }, (_, i) => i + 1)
  for (const client of clients) t.same((await messages(client, published)).map(({ data }) => data), numbers)
  t.equal(failed, 0)
  t.same([...others], [])
  t.ok(refused > 0)
  t.ok(retries.size > 1 || refused < 20, `Retry-After is one of ${[...retries.keys()].join()}`)
  for (const seconds of retries.keys()) t.ok(seconds >= 1 && seconds <= 5)
  t.ok(comet.stats().rejected >= refused)
  t.equal(comet.stats().subscriptions, 2)
  for (const client of clients) client.cut()
})
