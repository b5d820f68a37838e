import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t from 'tap'
import { tellPublished } from '../../../lib/bus/diagnostics.ts'

t.test('observers are told the id, the channel and the bytes of a message, as long as they listen', async (t) => {
  const told: unknown[] = []
  const listen = (event: unknown): void => { told.push(event) }
  tellPublished('e-1', 'a', '"before"')
  subscribe('fastify-comet:publish', listen)
  tellPublished('e-2', 'a', '"ä"')
  unsubscribe('fastify-comet:publish', listen)
  tellPublished('e-3', 'a', '"after"')
  t.same(told, [{ id: 'e-2', channel: 'a', bytes: 4 }])
})
