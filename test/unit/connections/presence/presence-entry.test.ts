import t from 'tap'
import type { CommonChannels } from '../../../../lib/connections/presence/channel-sets.ts'
import { digest } from '../../../../lib/connections/presence/identity.ts'
import { PresenceEntry, Stay } from '../../../../lib/connections/presence/presence-entry.ts'

function entry (user?: string): PresenceEntry {
  return new PresenceEntry('key', { client: 'secret', user })
}

function stay (entry: PresenceEntry, channels: string[], state: Stay['state'] = 'connected'): Stay {
  const stay = new Stay(entry)
  stay.set = { channels } as unknown as CommonChannels<Stay>
  stay.state = state
  return stay
}

t.test('a client has the channels of all its connections, each once', async (t) => {
  const one = entry()
  t.same(one.channels, [])
  one.stays = [stay(one, ['a', 'b'])]
  t.same(one.channels, ['a', 'b'])
  one.stays = [stay(one, ['a', 'b']), stay(one, ['b', 'c'])]
  t.same(one.channels, ['a', 'b', 'c'])
})

t.test('it is connected as long as one of its connections is', async (t) => {
  const one = entry()
  one.stays = [stay(one, ['a'], 'away'), stay(one, ['a'])]
  t.equal(one.connected, true)
  one.stays = [stay(one, ['a'], 'away')]
  t.equal(one.connected, false)
})

t.test('a subscriber is shown with the digest of its secret, and with its user if it has one', async (t) => {
  const before = Date.now()
  const { since, ...ann } = entry('ann').subscriber
  t.same(ann, { client: digest('secret'), user: 'ann', transport: 'eventsource' })
  t.ok(since >= before && since <= Date.now())
  t.notOk('user' in entry().subscriber)
})
