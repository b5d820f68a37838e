import t from 'tap'
import {
  disconnect, type DisconnectCriteria, type Disconnectable, receiveControlMessage
} from '../../../lib/plugin/disconnect.ts'
import { Disconnected } from '../../../lib/connections/presence/disconnected.ts'
import { digest, type Identity } from '../../../lib/connections/presence/presence.ts'

type Matcher = (identity: Identity, channels: readonly string[]) => boolean

const CLIENTS: [Identity, string[]][] = [
  [{ client: 'secret-1', user: 'alice' }, ['a', 'b']],
  [{ client: 'secret-2', user: 'alice' }, ['b']],
  [{ client: 'secret-3', user: undefined }, ['c']]
]

/** A node with the clients above, each with a connection and a poll to come. */
function node (name = 'here', shared = true): {
  here: Disconnectable
  done: string[]
  ended: string[][]
  notes: string[]
  disconnected: Disconnected
} {
  const notes: string[] = []
  const done: string[] = []
  const ended: string[][] = []
  const end = (matches: Matcher): string[] => {
    const matching = CLIENTS.filter(([identity, channels]) => matches(identity, channels)).map(([{ client }]) => client)
    done.push('disconnect')
    ended.push(matching)
    return matching
  }
  const disconnected = new Disconnected(digest)
  const here = {
    node: name,
    bus: {
      log: { shared },
      flush () { done.push('flush') }
    },
    connections: { disconnect: (matches: Matcher) => end(matches).length },
    presence: { disconnect: (matches: Matcher) => end(matches).map(digest), disconnected },
    authorization: { forget () { done.push('forget') } },
    controlMessages: { send (content: object) { notes.push(JSON.stringify({ node: name, ...content })) } }
  }
  return { here: here as unknown as Disconnectable, done, ended, notes, disconnected }
}

t.test('those that match all criteria are ended, connections and who is between two polls', async (t) => {
  const cases: [DisconnectCriteria, string[]][] = [
    [{ user: 'alice' }, ['secret-1', 'secret-2']],
    [{ channel: 'b' }, ['secret-1', 'secret-2']],
    [{ user: 'alice', channel: 'a' }, ['secret-1']],
    [{ client: 'secret-3' }, ['secret-3']],
    [{ client: digest('secret-3') }, ['secret-3']],
    [{ client: 'secret-3', user: 'alice' }, []]
  ]
  for (const [criteria, expected] of cases) {
    const { here, ended } = node()
    t.equal(disconnect(here, criteria), 2 * expected.length)
    t.same(ended, [expected, expected])
  }
})

t.test('permissions are forgotten, and what was published before is sent before', async (t) => {
  const { here, done } = node('here', false)
  disconnect(here, { user: 'alice' })
  t.same(done, ['forget', 'flush', 'disconnect', 'disconnect'])
})

t.test('the other nodes do the same, and the secret is not told to them', async (t) => {
  const { here, notes } = node()
  disconnect(here, { client: 'secret-1' })
  const [note = ''] = notes
  t.notMatch(note, 'secret-1')
  const other = node('there')
  receiveControlMessage(other.here, note)
  t.same(other.ended, [['secret-1'], ['secret-1']])
})

t.test('who was between two polls on one node is remembered on the others, which learn it by digests', async (t) => {
  const { here, notes } = node()
  disconnect(here, { user: 'alice' })
  const note = notes[1] as string
  t.same(JSON.parse(note), { node: 'here', disconnected: [digest('secret-1'), digest('secret-2')] })
  const other = node('there')
  receiveControlMessage(other.here, note)
  t.same(['secret-1', 'secret-2', 'secret-3'].map((secret) => other.disconnected.take(secret)), [true, true, false])
  t.same([other.ended, other.notes], [[], []])
})

t.test('a log of one node carries no notes', async (t) => {
  const { here, notes } = node('here', false)
  disconnect(here, { user: 'alice' })
  t.same(notes, [])
})

t.test('a node does nothing at its own note, nor at one that it does not know', async (t) => {
  const { here, done, disconnected } = node()
  const contents = [

    { greet: {} },
    { disconnect: 1 },
    { disconnect: null },
    { disconnect: {} },
    { disconnect: [] },
    { disconnect: { user: 5 } },
    {
      disconnect: { user: 'alice', name: 'x' }
    },

    { disconnected: 'secret-1' },
    { disconnected: [digest('secret-1'), 1] },
    { disconnected: Array.from({ length: 1001 }, () => digest('secret-1')) }

  ]
  const notes = [
    '{"node":"here","disconnect":{"user":"alice"}}',
    ...contents.map((content) => JSON.stringify({ node: 'there', ...content })),
    'null',
    '5',
    '[]'
  ]
  for (const note of notes) receiveControlMessage(here, note)
  t.same(done, [])
  t.equal(disconnected.take('secret-1'), false)
})

t.test('criteria are some of the three, and strings', async (t) => {
  for (const criteria of [undefined, {}, { user: undefined }, { user: 5 }, { name: 'alice' }]) {
    const { here, done } = node()
    t.throws(() => disconnect(here, criteria as DisconnectCriteria), { code: 'COMET_ERR_ARGUMENT' })
    t.same(done, [])
  }
})
