import { createHash } from 'node:crypto'
import t from 'tap'
import { serve } from '../fixtures/server.ts'
import { held } from '../fixtures/transport-clients.ts'

const many = Array.from({ length: 40 }, (_, i) => `secret-${i}`)

t.test('no channel can be named so that its subscribers receive what is published on others', async (t) => {
  const server = await serve(t)
  const victim = await held(server, 'eventsource', { channel: many })
  const names = [...many].sort().join('\n')
  const forged = ['base64', 'base64url', 'hex'].map((encoding) =>
    createHash('sha256').update(names).digest(encoding as 'hex'))
  const thieves = await Promise.all(forged.map((channel) => held(server, 'eventsource', { channel })))
  await server.app.comet.publish('secret-1', 'for the victim')
  for (const [i, channel] of forged.entries()) {
    await server.app.comet.publish(channel, 'for the thief')
    t.match(await thieves[i]?.next(), { channel, data: 'for the thief' })
  }
  t.match(await victim.next(), { data: 'for the victim' })
  for (const client of [victim, ...thieves]) client.cut()
})
