// A client may leave while the server still thinks about its request, at every point where that waits.
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import type { CometOptions } from '../../lib/index.ts'
import { TRANSPORT_NAMES, type TransportName } from '../../lib/protocol/wire.ts'
import { get } from '../fixtures/bodies.ts'
import { FakeLog } from '../fixtures/fake-log.ts'
import { type HttpVersion, serve, type TestServer } from '../fixtures/server.ts'
import { held, pathOf } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

const VERSIONS: readonly HttpVersion[] = ['http', 'https', 'h2c', 'http2']

/** A point that requests wait at until it is opened. */
class Gate {
  readonly #opened: Promise<void>
  #open: () => void = () => {}
  arrived = 0
  isOpen = false

  constructor () {
    this.#opened = new Promise((resolve) => { this.#open = resolve })
  }

  async pass (): Promise<void> {
    this.arrived++
    await this.#opened
  }

  open (): void {
    this.isOpen = true
    this.#open()
  }
}

/** Where a request waits; each set of options makes it wait at the gate there. */
const STEPS: Readonly<Record<string, (gate: Gate) => CometOptions>> = {
  'an asynchronous hook': (gate) => ({ routeOptions: { onRequest: () => gate.pass() } }),
  'an asynchronous authorize': (gate) => ({ authorize: async () => { await gate.pass(); return { user: 'ann' } } }),
  'a log that has to catch up': (gate) => {
    const log = new FakeLog()
    log.catchUp = () => gate.isOpen ? undefined : gate.pass()
    return { log }
  }
}

interface Visited extends TestServer {
  /** the responses to all requests, in order of arrival */
  readonly responses: FastifyReply['raw'][]
  /** calls of the hooks */
  readonly events: string[]
}

async function visit (t: Test, http: HttpVersion, options: CometOptions): Promise<Visited> {
  const responses: FastifyReply['raw'][] = []
  const events: string[] = []
  const server = await serve(t, {
    http,
    fastify: { forceCloseConnections: true },
    before: (app) => app.addHook('onRequest', async (_request, reply) => { responses.push(reply.raw) }),
    comet: {
      maxConnections: 1,
      maxConnectionsPerAddress: 1,
      heartbeatInterval: 40,
      presenceGrace: 1,
      onSubscribe: (_subscriber, channels) => { events.push(`came ${channels.join()}`) },
      onUnsubscribe: (_subscriber, channels) => { events.push(`went ${channels.join()}`) },
      ...options
    }
  })
  return { ...server, responses, events }
}

/** Sends a request that waits at the gate, leaves, and lets it through once the server has seen that. */
async function leaveAt (gate: Gate, server: Visited, transport: TransportName): Promise<void> {
  const leave = new AbortController()
  const asked = get(server, pathOf(transport, { channel: 'a', cursor: 'unknown-1' }), {}, leave.signal)
  asked.catch(() => { /* it has left */ })
  await until(() => gate.arrived === 1)
  const response = server.responses[0] as ServerResponse
  const closed = new Promise((resolve) => { response.once('close', resolve) })
  leave.abort()
  await closed
  gate.open()
  for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate)
}

function assertNobody (t: Test, { app: { comet } }: Visited): void {
  t.match(comet.stats(), { connections: { eventsource: 0, iframe: 0, 'long-poll': 0 }, subscriptions: 0, channels: 0 })
  t.same(comet.subscribers('a'), [])
}

for (const http of VERSIONS) {
  for (const [step, options] of Object.entries(STEPS)) {
    for (const transport of TRANSPORT_NAMES) {
      t.test(`a client that leaves during ${step} is forgotten, on ${transport} over ${http}`, { timeout: 10_000 }, async (t) => {
        const gate = new Gate()
        const server = await visit(t, http, options(gate))
        await leaveAt(gate, server, transport)
        assertNobody(t, server)
        t.same(server.events, [], 'no hook is called for it')
        const next = await held(server, transport)
        t.same(server.events, ['came a'], 'its place is free')
        next.cut()
        await until(() => server.events.length === 2)
        t.same(server.events, ['came a', 'went a'])
        assertNobody(t, server)
      })
    }
  }
}

for (const transport of TRANSPORT_NAMES) {
  t.test(`a client that has left before the handler is not asked about, on ${transport}`, async (t) => {
    const gate = new Gate()
    let asked = 0
    const server = await visit(t, 'h2c', {
      routeOptions: { onRequest: () => gate.pass() },
      authorize: () =>
        ++asked > 0
    })
    await leaveAt(gate, server, transport)
    t.equal(asked, 0)
    t.equal(server.app.comet.stats().rejected, 0)
  })
}
