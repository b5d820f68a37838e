import t from 'tap'
import { disconnect, type DisconnectCriteria, type Disconnectable, hearNote } from '../lib/disconnect.ts'
import { digest, type Identity } from '../lib/presence.ts'

type Matcher = (identity: Identity, channels: readonly string[]) => boolean

const CLIENTS: [Identity, string[]][] = [
  [{ client: 'secret-1', user: 'alice' }, ['a', 'b']],
  [{ client: 'secret-2', user: 'alice' }, ['b']],
  [{ client: 'secret-3', user: undefined }, ['c']]
]

/** A node with the clients above, each with a connection and a poll to come. */
function node (name = 'here', shared = true): { here: Disconnectable, done: string[], ended: string[][] } {
  const done: string[] = []
  const ended: string[][] = []
  const end = (matches: Matcher): number => {
    const matching = CLIENTS.filter(([identity, channels]) => matches(identity, channels)).map(([{ client }]) => client)
    done.push('disconnect')
    ended.push(matching)
    return matching.length
  }
  const here = {
    node: name,
    bus: {
      log: { shared },
      flush () { done.push('flush') },
      async note (data: string) { done.push(data) }
    },
    connections: { disconnect: end },
    presence: { disconnect: end },
    authorization: { forget () { done.push('forget') } }
  }
  return { here: here as unknown as Disconnectable, done, ended }
}

const unheard = (error: unknown): never => { throw error }

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
    t.equal(disconnect(here, criteria, unheard), 2 * expected.length)
    t.same(ended, [expected, expected])
  }
})

t.test('permissions are forgotten, and what was published before is sent before', async (t) => {
  const { here, done } = node('here', false)
  disconnect(here, { user: 'alice' }, unheard)
  t.same(done, ['forget', 'flush', 'disconnect', 'disconnect'])
})

t.test('the other nodes do the same, and the secret is not told to them', async (t) => {
  const { here, done } = node()
  disconnect(here, { client: 'secret-1' }, unheard)
  const note = done.at(-1) as string
  t.notMatch(note, 'secret-1')
  const other = node('there')
  hearNote(other.here, note)
  t.same(other.ended, [['secret-1'], ['secret-1']])
})

t.test('a node does nothing at its own note, nor at one that it does not know', async (t) => {
  const { here, done } = node()
  for (const note of ['{"node":"here","disconnect":{"user":"alice"}}', '{"node":"there","greet":{}}', '{"node":"there","disconnect":1}', 'null', '5']) hearNote(here, note)
  t.same(done, [])
})

t.test('where the others cannot be told, that is reported', async (t) => {
  const { here } = node()
  here.bus.note = () => Promise.reject(new Error('no way'))
  const error = await new Promise((resolve) => { disconnect(here, { user: 'alice' }, resolve) })
  t.match(error, { message: 'no way' })
})

t.test('criteria are some of the three, and strings', async (t) => {
  for (const criteria of [undefined, {}, { user: undefined }, { user: 5 }, { name: 'alice' }]) {
    const { here, done } = node()
    t.throws(() => disconnect(here, criteria as DisconnectCriteria, unheard), { code: 'COMET_ERR_ARGUMENT' })
    t.same(done, [])
  }
})
