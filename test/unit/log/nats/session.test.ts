import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import t from 'tap'
import { NatsSession } from '../../../../lib/log/nats/session.ts'
import { fakeState } from '../../../fixtures/fake-broker.ts'

const STATE = { ...fakeState(), subject: 'comet.one.0', time: Date.now() }

interface Parts {
  readonly session: NatsSession
  readonly end: AbortController
  readonly published: [subject: string, data: string, msgID: string | undefined][]
}

/** A session whose publishes are answered with these, and whose stream has this state. */
function create (reply: object = { stream: 'comet', seq: 7 }, streams: object = {}): Parts {
  const published: [string, string, string | undefined][] = []
  const connection = {
    options: {},
    request: async (subject: string, data: string, { headers }: { headers?: { get (name: string): string } }) => {
      published.push([subject, data, headers?.get('Nats-Msg-Id')])
      return {
        data: Buffer.from(JSON.stringify(reply)),
        headers: undefined,
        json: () => reply,
        string: () =>
          JSON.stringify(reply)
      }
    }
  }
  const end = new AbortController()
  const session = new NatsSession({
    connection: connection as unknown as NatsConnection,
    manager: { streams } as unknown as JetStreamManager,
    stream: 'comet',
    node: 'node',
    state: STATE,
    end
  })
  return { session, end, published }
}

const record = (number: number, key?: string) => ({ number, channel: 'a', data: '{"x":1}', key })

t.test('a record is a message with its origin, channel and data, on the subject of the epoch', async (t) => {
  const { session, published } = create()
  t.same(await session.append(record(3)), { epoch: 'one', offset: 7, isNew: true })
  t.same(published, [['comet.one.0', 'node.3\na\n{"x":1}', 'node.3']])
})

t.test('the id of a message with a key is a digest of channel and key', async (t) => {
  const { session, published } = create()
  await session.append(record(3, 'k'))
  t.match(published[0]?.[2], /^[\w-]{43}$/)
})

t.test('a duplicate is new if it is the same record, and known if it is another one with that key', async (t) => {
  const reply = { stream: 'comet', seq: 7, duplicate: true }
  const message = (text: string) => ({ getMessage: async () => ({ string: () => text }) })
  t.match(await create(reply).session.append(record(3)), { isNew: true })
  t.match(await create(reply, message('node.3\na\n1')).session.append(record(3, 'k')), { isNew: true })
  t.match(await create(reply, message('other.1\na\n1')).session.append(record(3, 'k')), { isNew: false })
})

t.test('head() is the state of the stream now, and rejects when the session ends', async (t) => {
  const info = {
    config: { name: 'comet', subjects: ['comet.two.4'] }, state: { messages: 0, first_seq: 1, last_seq: 9 }
  }
  t.match(await create({}, { info: async () => info }).session.head(), { epoch: 'two', end: 9 })
  const { session } = create({}, { info: () => new Promise(() => { /* never */ }) })
  const head = session.head()
  session.close()
  await t.rejects(head, { message: 'the session was closed' })
})

t.test('entries() rejects when the session has ended', async (t) => {
  const { session, end } = create()
  end.abort(new Error('interrupted'))
  await t.rejects(session.entries(0).next(), { message: 'interrupted' })
})
