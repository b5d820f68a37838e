import Fastify, { type FastifyInstance } from 'fastify'
import { Counter, Registry } from 'prom-client'
import t from 'tap'
import type { Test } from 'tap'
import comet from '../../../lib/index.ts'
import metrics, { type MetricsOptions } from '../../../lib/plugin/metrics.ts'
import { readDocument } from '../../meta/docs/markdown.ts'
import { serve } from '../../fixtures/server.ts'
import { frame, connectTo, rest } from '../../fixtures/transport-clients.ts'

async function measured (t: Test, options: MetricsOptions = {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(metrics, options)
  await app.register(comet, { serveClient: false })
  return app
}

async function scrape (app: FastifyInstance, path = '/metrics'): Promise<string> {
  return (await app.inject(path)).body
}

/** The value of one series. */
function valueOf (text: string, series: string): number {
  const line = text.split('\n').find((line) => line.startsWith(`${series} `))
  return line === undefined ? NaN : Number(line.slice(series.length))
}

/** As Prometheus names them: a histogram is three. */
function namesIn (text: string): string[] {
  return [...new Set([...text.matchAll(/\bcomet_\w+/g)].map(([name]) =>
    name.replace(/_bytes_(bucket|sum|count)$/, '_bytes')))].sort()
}

t.test('what stats() tells is there as Prometheus reads it', async (t) => {
  const app = await measured(t)
  await app.comet.publish('a', 'xx')
  await app.comet.publish('a', 'xx')
  await app.inject('/comet/long-poll?channel=a&history=1')
  await app.inject('/comet/long-poll')
  const { statusCode, headers, body } = await app.inject('/metrics')
  t.match({ statusCode, headers }, {
    statusCode: 200,
    headers: {
      'content-type': /^text\/plain; version=0\.0\.4; charset=utf-8/, 'cache-control': 'no-store'
    }
  })
  const { history, bytesSent } = app.comet.stats()
  const expected = {
    comet_messages_published_total: 2,
    comet_messages_delivered_total: 1,
    comet_messages_evicted_total: 0,
    comet_sent_bytes_total: bytesSent,
    comet_gaps_total: 0,
    comet_rejected_total: 1,
    comet_channels: 1,
    comet_subscriptions: 0,
    comet_lagging_connections: 0,
    comet_history_messages: 2,
    comet_history_bytes: history.bytes
  }
  for (const [name, value] of Object.entries(expected)) t.equal(valueOf(body, `${name}{name="comet"}`), value, name)
})

t.test('a second scrape counts nothing twice', async (t) => {
  const app = await measured(t)
  await app.comet.publish('a', 1)
  await scrape(app)
  t.equal(valueOf(await scrape(app), 'comet_messages_published_total{name="comet"}'), 1)
})

t.test('connections are counted by transport, and their ends by reason', async (t) => {
  const server = await serve(t, { before: (app) => app.register(metrics) })
  const client = await connectTo(server, 'iframe', { channel: ['a', 'b'] })
  await frame(client, 'open')
  const during = await scrape(server.app)
  t.equal(valueOf(during, 'comet_connections{name="comet",transport="iframe"}'), 1)
  t.equal(valueOf(during, 'comet_connections{name="comet",transport="long-poll"}'), 0)
  t.equal(valueOf(during, 'comet_subscriptions{name="comet"}'), 2)
  server.app.comet.disconnect({ channel: 'a' })
  await rest(client)
  const after = await scrape(server.app)
  t.equal(valueOf(after, 'comet_connections{name="comet",transport="iframe"}'), 0)
  t.equal(valueOf(after, 'comet_connects_total{transport="iframe"}'), 1)
  t.equal(valueOf(after, 'comet_disconnects_total{transport="iframe",reason="disconnected"}'), 1)
})

t.test('the size of messages is a histogram', async (t) => {
  const app = await measured(t)
  await app.comet.publish('a', 'x'.repeat(98))
  await app.comet.publish('a', 'x'.repeat(998))
  const text = await scrape(app)
  t.equal(valueOf(text, 'comet_message_bytes_bucket{le="64"}'), 0)
  t.equal(valueOf(text, 'comet_message_bytes_bucket{le="256"}'), 1)
  t.equal(valueOf(text, 'comet_message_bytes_sum'), 1100)
})

t.test('several instances are told apart, wherever the endpoint is', async (t) => {
  const app = await measured(t, { path: '/internal', names: ['comet', 'alerts'] })
  await app.register(comet, { name: 'alerts', prefix: '/alerts', serveClient: false })
  await app.comet.publish('a', 1)
  const text = await scrape(app, '/internal')
  t.equal(valueOf(text, 'comet_messages_published_total{name="comet"}'), 1)
  t.equal(valueOf(text, 'comet_messages_published_total{name="alerts"}'), 0)
})

t.test('a registry of the application shows both, and an onRequest hook guards the route', async (t) => {
  const registry = new Registry()
  new Counter({ name: 'own_total', help: 'of the application', registers: [registry] }).inc(3)
  const app = await measured(t, {
    registry,
    routeOptions: {
      onRequest: async (request, reply) => {
        if (request.headers.authorization !== 'Bearer x') await reply.code(401).send()
      }
    }
  })
  t.equal((await app.inject('/metrics')).statusCode, 401)
  const { body } = await app.inject({ url: '/metrics', headers: { authorization: 'Bearer x' } })
  t.equal(valueOf(body, 'own_total'), 3)
  t.equal(valueOf(body, 'comet_channels{name="comet"}'), 0)
})

t.test('nothing listens after the application was closed', async (t) => {
  const registry = new Registry()
  const app = await measured(t, { registry })
  await app.comet.publish('a', 1)
  await app.close()
  const other = await measured(t)
  await other.comet.publish('a', 1)
  t.match(await registry.getSingleMetricAsString('comet_message_bytes'), 'comet_message_bytes_count 1')
})

const wrong: [what: string, options: object, code: string][] = [
  ['an unknown option', { port: 1 }, 'COMET_ERR_OPTION_UNKNOWN'],
  ['a path that is none', { path: 'metrics' }, 'COMET_ERR_OPTION'],
  ['no instance', { names: [] }, 'COMET_ERR_OPTION'],
  ['an instance that is not there', { names: ['other'] }, 'COMET_ERR_OPTION'],
  ['a decorator that is another', { names: ['server'] }, 'COMET_ERR_OPTION']
]

for (const [what, options, code] of wrong) {
  t.test(`${what} is refused before the application is ready`, async (t) => {
    const app = Fastify()
    t.teardown(() => app.close())
    app.register(metrics, options)
    app.register(comet, { serveClient: false })
    await t.rejects(Promise.resolve(app.ready()), { code })
  })
}

t.test('every metric is on the dashboard, and it has no other', async (t) => {
  const app = await measured(t)
  t.same(namesIn(readDocument('docs/grafana-dashboard.json')), namesIn(await scrape(app)))
})

t.test('every metric is in the reference, and no other', async (t) => {
  const app = await measured(t)
  t.same(namesIn(readDocument('docs/REFERENCE.md')), namesIn(await scrape(app)))
})

t.test('the dashboard asks for labels that there are', async (t) => {
  const { panels } = JSON.parse(readDocument('docs/grafana-dashboard.json')) as {
    panels: { title: string, gridPos: object, targets: { expr: string }[] }[]
  }
  t.equal(new Set(panels.map(({ gridPos }) => JSON.stringify(gridPos))).size, panels.length)
  const labels = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) =>
    [...expr.matchAll(/by \(([\w, ]+)\)/g)].flatMap(([, names]) => (names as string).split(', '))))
  t.same([...new Set(labels)].sort(), ['instance', 'le', 'reason', 'transport'])
})
