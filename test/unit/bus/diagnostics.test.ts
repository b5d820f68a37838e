import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t from 'tap'
import { connectEvents, disconnectEvents, gapEvents, reportPublished } from '../../../lib/bus/diagnostics.ts'

t.test('observers get the id, the channel and the bytes of a message, as long as they listen', async (t) => {
  const events: unknown[] = []
  const listen = (event: unknown): void => { events.push(event) }
  reportPublished('e-1', 'a', '"before"')
  subscribe('fastify-comet:publish', listen)
  reportPublished('e-2', 'a', '"ä"')
  unsubscribe('fastify-comet:publish', listen)
  reportPublished('e-3', 'a', '"after"')
  t.same(events, [{ id: 'e-2', channel: 'a', bytes: 4 }])
})

t.test('connections have channels of their own', async (t) => {
  const names = [connectEvents, disconnectEvents, gapEvents].map(({ name }) => name)
  t.same(names, ['fastify-comet:connect', 'fastify-comet:disconnect', 'fastify-comet:gap'])
})
