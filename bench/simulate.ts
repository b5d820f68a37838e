// What very many connections require: nodes and memory are calculated; the storm after the loss of a zone and the way
// of a message are simulated. See `npm run simulate -- --help`.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fanOut } from './simulation/fan-out.ts'
import { storm } from './simulation/storm.ts'

const USAGE = `npm run simulate -- [options]
  --connections <n,…>  in total (1000000,100000000)
  --node <n>           most connections that one node holds (10000)
  --zones <n>          zones that the nodes are spread over, one of which is lost (3)
  --rate <n>           messages per second, each to every connection of its shard of the log (2)
  --bytes <n>          of a message on the wire (250)
  --memory <KB>        of an idle connection; default: from bench/results.json, as for the next two
  --new <µs>           CPU of a new connection
  --delivery <µs>      CPU of a delivery
  --arity <n>          nodes that one broker, or one relay, feeds (200)
  --hop <p50,p99>      ms from node to node over the log (1,5)`

const NAMES = ['connections', 'node', 'zones', 'rate', 'bytes', 'memory', 'new', 'delivery', 'arity', 'hop']

const { values: given } = parseArgs({
  options: Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }])
    .concat([['help', { type: 'boolean' as const }] as never])) as Record<string, { type: 'string' }>
})

if (given['help']) console.log(USAGE)
else for (const connections of list('connections', [1e6, 1e8])) await print(connections)

async function print (connections: number): Promise<void> {
  const [node, zones, rate, bytes] = [one('node', 10_000), one('zones', 3), one('rate', 2), one('bytes', 250)]
  const memory = await measured('memory', 'memory per idle connection, KB')
  const perNew = await measured('new', 'CPU per new connection, µs')
  const perDelivery = await measured('delivery', 'CPU per delivery, one message per tick, µs')
  // A node must have room for its share of a lost zone.
  const nodes = Math.ceil(connections / node * zones / (zones - 1))
  const held = connections / nodes
  const busy = held * rate * perDelivery / 1e6
  const survivors = nodes * (zones - 1) / zones
  const lost = Math.round(connections / zones / survivors)
  const capacity = Math.round((1 - busy * zones / (zones - 1)) * 1e6 / perNew)
  const [p50 = 1, p99 = 5] = list('hop', [1, 5])
  console.log(`\n${connections.toLocaleString('en')} connections`)
  console.table({
    nodes,
    'connections per node': Math.round(held),
    'memory per node for them, MB': round(held * memory / 1000),
    'core busy with deliveries': round(busy),
    'network out, per node, Mbit/s': round(held * rate * bytes * 8 / 1e6),
    'network out, in total, Gbit/s': round(connections * rate * bytes * 8 / 1e9),
    'log out, to all nodes, Mbit/s': round(nodes * rate * bytes * 8 / 1e6)
  })
  const [clients, accepted] = [lost, capacity].map((number) => number.toLocaleString('en'))
  console.log(
    `One of ${zones} zones is lost: ${clients} clients per remaining node, which accepts ${accepted} per second`
  )
  if (capacity > 0) console.table(flat(storm({ clients: lost, capacity })))
  else console.log('They never come back: deliveries alone keep the core busy')
  console.log('A message on its way to all nodes, ms')
  console.table(flat(fanOut({ nodes, arity: one('arity', 200), hop: { p50, p99 } })))
}

function list (name: string, fallback: readonly number[]): number[] {
  const text = given[name]
  if (text === undefined) return [...fallback]
  const numbers = text.split(',').map(Number)
  if (numbers.some((number) => !(number > 0))) {
    throw new Error(`--${name} must be numbers above 0, separated by commas, got "${text}"`)
  }
  return numbers
}

function one (name: string, fallback: number): number {
  return list(name, [fallback])[0] as number
}

interface Figure { readonly measure: string, readonly of: string, readonly median: number }

/** The given value, or else what the benchmark measured for the plugin's event stream. */
async function measured (name: string, measure: string): Promise<number> {
  if (given[name] !== undefined) return one(name, 0)
  const { figures } = JSON.parse(await readFile('bench/results.json', 'utf8')) as { figures: Figure[] }
  const figure = figures.find((figure) => figure.measure === measure && figure.of === 'eventsource')
  if (figure === undefined) {
    throw new Error(`bench/results.json has no "${measure}": pass --${name}, or run npm run bench`)
  }
  return figure.median
}

function flat (values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => typeof value === 'number'
    ? [[name, round(value)]]
    : Object.entries(value as object).map(([inner, number]) => [`${name} ${inner}`, round(number as number)])))
}

function round (value: number): number {
  return Number(value.toPrecision(3))
}
