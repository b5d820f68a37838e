import { createHash } from 'node:crypto'
import t from 'tap'
import { setKey } from '../../../lib/util/set-key.ts'
import { serve } from '../../fixtures/server.ts'
import { held } from '../../fixtures/transport-clients.ts'

const many = Array.from({ length: 40 }, (_, i) => `secret-${i}`)

t.test('the order of the channels does not matter', async (t) => {
  t.equal(setKey(['b', 'a']), setKey(['a', 'b']))
  t.equal(setKey([...many].reverse()), setKey(many))
})

t.test('two sets have two keys', async (t) => {
  t.not(setKey(['a']), setKey(['a', 'b']))
  t.not(setKey(many), setKey([...many, 'another']))
})

t.test('the key of many channels is short', async (t) => {
  t.ok(setKey(many).length < 64)
})

t.test('no channel is named so that its subscribers receive what is published on others', async (t) => {
  const server = await serve(t)
  const victim = await held(server, 'eventsource', { channel: many })
  const names = [...many].sort().join('\n')
  const forged = ['base64', 'base64url', 'hex'].map((encoding) => createHash('sha256').update(names).digest(encoding as 'hex'))
  const thieves = await Promise.all(forged.map((channel) => held(server, 'eventsource', { channel })))
  await server.app.comet.publish('secret-1', 'for the victim')
  for (const [i, channel] of forged.entries()) {
    await server.app.comet.publish(channel, 'for the thief')
    t.match(await thieves[i]?.next(), { channel, data: 'for the thief' })
  }
  t.match(await victim.next(), { data: 'for the victim' })
  for (const client of [victim, ...thieves]) client.cut()
})
