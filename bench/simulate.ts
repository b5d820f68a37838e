// What very many connections take: nodes and memory by arithmetic, the storm after a zone is lost and the way of a
// message by simulation. `npm run simulate -- --help`
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fanOut } from './simulation/fan-out.ts'
import { storm } from './simulation/storm.ts'

const USAGE = `npm run simulate -- [options]
  --connections <n,…>  in all (1000000,100000000)
  --node <n>           connections that one node holds at most (10000)
  --zones <n>          zones that the nodes are spread over, one of which is lost (3)
  --rate <n>           messages a second, each to every connection of its shard of the log (2)
  --bytes <n>          of a message on the wire (250)
  --memory <KB>        of an idle connection; by default what bench/results.json says, as the next two
  --new <µs>           CPU of a new connection
  --delivery <µs>      CPU of a delivery
  --arity <n>          nodes that one engine, or one relay, feeds (200)
  --hop <p50,p99>      ms from node to node over the log (1,5)`

const { values: given } = parseArgs({
  options: Object.fromEntries(['connections', 'node', 'zones', 'rate', 'bytes', 'memory', 'new', 'delivery', 'arity', 'hop'].map((name) => [name, { type: 'string' as const }])
    .concat([['help', { type: 'boolean' as const }] as never])) as Record<string, { type: 'string' }>
})

if (given['help']) console.log(USAGE)
else for (const connections of list('connections', [1e6, 1e8])) await tell(connections)

async function tell (connections: number): Promise<void> {
  const [node, zones, rate, bytes] = [one('node', 10_000), one('zones', 3), one('rate', 2), one('bytes', 250)]
  const memory = await measured('memory', 'memory an idle connection, KB')
  const perNew = await measured('new', 'CPU a new connection, µs')
  const perDelivery = await measured('delivery', 'CPU a delivery, one message a turn, µs')
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
    'connections a node': Math.round(held),
    'memory a node for them, MB': round(held * memory / 1000),
    'core busy with deliveries': round(busy),
    'network out, a node, Mbit/s': round(held * rate * bytes * 8 / 1e6),
    'network out, in all, Gbit/s': round(connections * rate * bytes * 8 / 1e9),
    'log out, to all nodes, Mbit/s': round(nodes * rate * bytes * 8 / 1e6)
  })
  console.log(`A zone of ${zones} is lost: ${lost.toLocaleString('en')} clients come to each node that is left, which takes ${capacity.toLocaleString('en')} a second`)
  console.table(capacity > 0 ? flat(storm({ clients: lost, capacity })) : { 'never back': 'deliveries alone keep the core busy' })
  console.log('A message on its way to all nodes, ms')
  console.table(flat(fanOut({ nodes, arity: one('arity', 200), hop: { p50, p99 } })))
}

function list (name: string, fallback: readonly number[]): number[] {
  const text = given[name]
  if (text === undefined) return [...fallback]
  const numbers = text.split(',').map(Number)
  if (numbers.some((number) => !(number > 0))) throw new Error(`--${name} is "${text}", it must be numbers above 0, with commas between them`)
  return numbers
}

function one (name: string, fallback: number): number {
  return list(name, [fallback])[0] as number
}

/** What is given, or else what the benchmark found for our event stream. */
async function measured (name: string, measure: string): Promise<number> {
  if (given[name] !== undefined) return one(name, 0)
  const { figures } = JSON.parse(await readFile('bench/results.json', 'utf8')) as { figures: { measure: string, of: string, median: number }[] }
  const figure = figures.find((figure) => figure.measure === measure && figure.of === 'eventsource')
  if (figure === undefined) throw new Error(`bench/results.json has no "${measure}": give it yourself, or run npm run bench`)
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
