import t from 'tap'
import { type Frame, type MessageFrame, TRANSPORT_NAMES, type TransportName } from '../../lib/protocol/wire.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { injectTo, isMessage, nextQuery, pathOf, type Query, readUntil } from '../fixtures/transport-clients.ts'

const CASES: [string, Query][] = [
  ['with history', { join: ['new', 'newer'], history: 1000 }],
  ['with history of one of them', { join: ['new', 'newer'], history: [1000, 0] }],
  ['without history', { join: 'new' }]
]

for (const transport of TRANSPORT_NAMES) {
  for (const [name, asked] of CASES) {
    t.test(`a join ${name} over ${transport}, cut at every frame, loses and repeats nothing`, async (t) => {
      const server = await serve(t)
      const log = new Log(server)
      await log.publish(40)
      const query = { channel: ['old', 'older', 'new', 'newer'], cursor: log.ids[9], ...asked }
      const first = await receive(server, transport, query, log)
      for (let cut = 0; cut <= first.length; cut++) {
        const page = new Page(query)
        page.take(first.slice(0, cut))
        await log.publish(7)
        page.take(await receive(server, transport, page.query, log))
        t.equal(page.problems(log, asked), '', `cut after frame ${cut}`)
      }
    })
  }
}

t.test('a join beyond what a poll may carry is joined in the end', async (t) => {
  const server = await serve(t)
  const log = new Log(server, 'x'.repeat(60_000))
  await log.publish(60)
  const query = { channel: ['old', 'older', 'new', 'newer'], cursor: log.ids[0], join: ['new', 'newer'], history: 1000 }
  const page = new Page(query)
  for (let polls = 0; page.query['join'] !== undefined; polls++) {
    t.ok(polls < 10)
    const answer = await server.app.inject(pathOf('long-poll', page.query))
    t.ok(answer.body.length <= 1_048_576)
    page.take(JSON.parse(answer.body) as Frame[])
  }
  const old = page.given.filter(({ channel }) => channel.startsWith('old')).map(({ id }) => id)
  t.strictSame(old, log.of('old', 'older').filter((id) => log.ids.indexOf(id) > 0))
})

/** Reads a response to where it has given everything published so far. */
async function receive (server: TestServer, transport: TransportName, query: Query, log: Log): Promise<Frame[]> {
  const client = await injectTo(server, transport, query)
  const frames = await readUntil(client, (frame) => frame.type === 'joined' ||
    (query['join'] === undefined && isMessage(frame) && frame.id === log.ids.at(-1)))
  client.cut()
  return frames
}

class Log {
  readonly ids: string[] = []
  readonly #channels: string[] = []
  readonly #server: TestServer
  readonly #data: string

  constructor (server: TestServer, data = '') {
    this.#server = server
    this.#data = data
  }

  async publish (count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const channel = ['new', 'old', 'newer', 'older'][i % 4] as string
      this.#channels.push(channel)
      this.ids.push(await this.#server.app.comet.publish(channel, this.#data))
    }
  }

  of (...channels: string[]): string[] {
    return this.ids.filter((_, index) => channels.includes(this.#channels[index] as string))
  }
}

/** What a client gives to its application: PROTOCOL, sections 2 and 3. */
class Page {
  query: Query
  readonly given: MessageFrame[] = []
  joinedAt = ''

  constructor (query: Query) {
    this.query = query
  }

  take (frames: readonly Frame[]): void {
    const joining: MessageFrame[] = []
    for (const frame of frames) {
      if (frame.type === 'joined') {
        this.joinedAt = frame.cursor
        this.given.push(...joining.splice(0))
      } else if (isMessage(frame)) {
        (frame.history === true ? joining : this.given).push(frame)
      }
    }
    this.query = nextQuery(this.query, frames)
  }

  problems (log: Log, asked: Query): string {
    const after = log.ids.indexOf(this.query['cursor'] as string) + 1
    const known = (id: string): boolean => log.ids.indexOf(id) < after
    const since = (id: string): boolean => log.ids.indexOf(id) > log.ids.indexOf(this.joinedAt)
    const withHistory = (name: string): boolean => asked['history'] === 1000 ||
      (Array.isArray(asked['history']) && name === 'new')
    const joined = [asked['join']].flat() as string[]
    const expected = new Map<string, string[]>(['old', 'older'].map((name) =>
      [name, log.of(name).filter((id) => log.ids.indexOf(id) > 9 && known(id))]))
    for (const name of joined) {
      expected.set(name, log.of(name).filter((id) => known(id) && (withHistory(name) || since(id))))
    }
    return [...expected].flatMap(([name, ids]) => {
      const got = this.given.filter(({ channel }) => channel === name).map(({ id }) => id)
      return got.join() === ids.join() ? [] : [`${name}: expected ${ids.join()}, got ${got.join()}`]
    }).join('; ')
  }
}
