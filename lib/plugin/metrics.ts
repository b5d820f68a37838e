import diagnostics from 'node:diagnostics_channel'
import type { FastifyInstance, FastifyPluginAsync, RouteShorthandOptions } from 'fastify'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { CometStats } from './comet.ts'
import { COMET_ERR_OPTION, show } from '../errors.ts'
import type { ConnectionEvent } from '../connections/lifecycle.ts'
import { TRANSPORT_NAMES } from '../protocol/wire.ts'
import { completeOptions, type OptionRules } from '../util/option-rules.ts'

/** The options of the metrics plugin. */
export interface MetricsOptions {
  /** The path of the endpoint. @defaultValue `'/metrics'` */
  path?: string
  /** The decorator names of the instances to measure. @defaultValue `['comet']` */
  names?: readonly string[]
  /** A registry; pass one to add metrics of your own. @defaultValue a new one */
  registry?: Registry
  /** Hooks, `config`, `logLevel` and other Fastify options of the route. @defaultValue none */
  routeOptions?: RouteShorthandOptions
}

type Complete = Required<MetricsOptions>

const RULES: OptionRules<Complete> = {
  path: ['a path that begins with "/"', (value) => typeof value === 'string' && value.startsWith('/')],
  names: ['a non-empty array of decorator names', (value) => Array.isArray(value) && value.length > 0],
  registry: ['a registry of prom-client', (value) => typeof value === 'object' && value !== null],
  routeOptions: ['an object of route options', (value) => typeof value === 'object' && value !== null]
}

/** A metric that is read from `stats()` at each scrape. */
interface Sample {
  readonly name: string
  readonly help: string
  readonly read: (stats: CometStats) => number
}

const GAUGES: readonly Sample[] = [
  { name: 'comet_channels', help: 'Channels that are in use or have messages', read: ({ channels }) => channels },
  {
    name: 'comet_subscriptions',
    help: 'Sum of the channels of all connections',
    read: ({ subscriptions }) => subscriptions
  },
  {
    name: 'comet_lagging_connections',
    help: 'Connections that are waiting for their socket',
    read: ({ lagging }) => lagging
  },
  { name: 'comet_history_messages', help: 'Messages retained', read: ({ history }) => history.messages },
  {
    name: 'comet_history_bytes',
    help: 'Memory of the history, including overhead',
    read: ({ history }) => history.bytes
  }
]

const COUNTERS: readonly Sample[] = [
  { name: 'comet_messages_published_total', help: 'Messages published', read: ({ published }) => published },
  {
    name: 'comet_messages_delivered_total',
    help: 'Messages sent, counted once per connection',
    read: ({ delivered }) => delivered
  },
  {
    name: 'comet_messages_evicted_total',
    help: 'Messages that the history has evicted',
    read: ({ evicted }) => evicted
  },
  { name: 'comet_sent_bytes_total', help: 'Bytes of response bodies', read: ({ bytesSent }) => bytesSent },
  { name: 'comet_gaps_total', help: 'Gap frames sent', read: ({ gaps }) => gaps },
  {
    name: 'comet_rejected_total',
    help: 'Subscribe requests that were refused or turned away',
    read: ({ rejected }) => rejected
  }
]

const MESSAGE_BYTES = [64, 256, 1024, 4096, 16_384, 65_536]

/** Mounts `GET {path}`, the metrics of the plugin's instances for Prometheus. Needs `npm i prom-client`. */
export const metrics: FastifyPluginAsync<MetricsOptions> = async (app, given) => {
  const defaults: Complete = { path: '/metrics', names: ['comet'], registry: new Registry(), routeOptions: {} }
  const { path, names, registry, routeOptions } = completeOptions<Complete>(given, defaults, RULES)
  app.addHook('onReady', async () => { names.forEach((name) => { statsOf(app, name) }) })
  measureStats(registry, () => names.map((name) => [name, statsOf(app, name)]))
  const stopCounting = countEvents(registry)
  app.addHook('onClose', async () => { stopCounting() })
  app.get(path, routeOptions, async (_request, reply) => {
    reply.header('cache-control', 'no-store').type(registry.contentType)
    return registry.metrics()
  })
}
export default metrics

function statsOf (app: FastifyInstance, name: string): CometStats {
  const comet: unknown = Reflect.get(app, name)
  if (typeof comet !== 'object' || comet === null || !('stats' in comet)) {
    throw new COMET_ERR_OPTION('names', 'decorator names of the plugin', show(name))
  }
  return (comet as FastifyInstance['comet']).stats()
}

type ReadAll = () => [name: string, stats: CometStats][]

function measureStats (registry: Registry, readAll: ReadAll): void {
  const common = { labelNames: ['name'], registers: [registry] }
  for (const { name, help, read } of GAUGES) {
    const gauge = new Gauge({
      ...common,
      name,
      help,
      collect () { for (const [label, stats] of readAll()) gauge.set({ name: label }, read(stats)) }
    })
  }
  for (const { name, help, read } of COUNTERS) {
    const counter = new Counter({
      ...common,
      name,
      help,
      collect () {
        // A counter of prom-client can only be increased, and `stats()` has the sum.
        counter.reset()
        for (const [label, stats] of readAll()) counter.inc({ name: label }, read(stats))
      }
    })
  }
  measureConnections(registry, readAll)
}

function measureConnections (registry: Registry, readAll: ReadAll): void {
  const gauge = new Gauge({
    name: 'comet_connections',
    help: 'Open streams and held polls',
    labelNames: ['name', 'transport'],
    registers: [registry],
    collect () {
      for (const [name, { connections }] of readAll()) {
        for (const transport of TRANSPORT_NAMES) gauge.set({ name, transport }, connections[transport])
      }
    }
  })
}

/** Counts events of `node:diagnostics_channel`, of the whole process. Returns a function that ends that. */
function countEvents (registry: Registry): () => void {
  const registers = [registry]
  const connects = new Counter({
    name: 'comet_connects_total', help: 'Streams and polls begun', labelNames: ['transport'], registers
  })
  const disconnects = new Counter({
    name: 'comet_disconnects_total',
    help: 'Streams and polls ended, by reason',
    labelNames: ['transport', 'reason'],
    registers
  })
  const sizes = new Histogram({
    name: 'comet_message_bytes', help: 'Size of the JSON of published messages', buckets: MESSAGE_BYTES, registers
  })
  const ends = [
    observe<ConnectionEvent>('fastify-comet:connect', ({ transport }) => { connects.inc({ transport }) }),
    observe<Required<ConnectionEvent>>('fastify-comet:disconnect', ({ transport, reason }) => {
      disconnects.inc({ transport, reason })
    }),
    observe<{ bytes: number }>('fastify-comet:publish', ({ bytes }) => { sizes.observe(bytes) })
  ]
  return () => { ends.forEach((end) => { end() }) }
}

function observe<T> (name: string, take: (event: T) => void): () => void {
  const listener = (event: unknown): void => { take(event as T) }
  diagnostics.subscribe(name, listener)
  return () => { diagnostics.unsubscribe(name, listener) }
}
