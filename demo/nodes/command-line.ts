/** The engines that can be the log of several nodes. */
export type EngineName = 'redis' | 'nats'

/** What was asked for on the command line: several nodes, and the log that they share. */
export interface NodesWanted {
  /** how many */
  nodes: number
  engine: EngineName
  /** of an engine that runs already; undefined: one of the demo's own */
  url: string | undefined
}

const ENGINES: readonly EngineName[] = ['redis', 'nats']
const FLAGS = ENGINES.map((engine) => `--${engine}`)
const MOST_NODES = 9

/**
 * Reads the arguments of `npm start`: nothing, or `[--nodes <2 to 9>] --redis [url]`, or `--nats` in its place.
 *
 * @throws Error that says what is wrong with them
 */
export function parseCommand (args: readonly string[]): NodesWanted | undefined {
  const options = new Map<string, string | undefined>()
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = (args[i] ?? '').split(/=(.*)/s, 2)
    const next = args[i + 1]
    const hasValue = inline === undefined && next !== undefined && !next.startsWith('--')
    options.set(name, hasValue ? next : inline)
    if (hasValue) i++
  }
  return options.size === 0 ? undefined : wanted(options)
}

function wanted (options: Map<string, string | undefined>): NodesWanted {
  const stranger = [...options.keys()].find((name) => name !== '--nodes' && !FLAGS.includes(name))
  if (stranger !== undefined) throw new Error(`The demo knows --nodes and ${FLAGS.join(', ')}, but no "${stranger}"`)
  const engines = ENGINES.filter((engine) => options.has(`--${engine}`))
  const [engine] = engines
  if (engine === undefined || engines.length > 1) throw new Error(`Several nodes need one log that they share: ${FLAGS.join(' or ')}`)
  const nodes = Number(options.has('--nodes') ? options.get('--nodes') : 3)
  if (!Number.isInteger(nodes) || nodes < 2 || nodes > MOST_NODES) {
    throw new Error(`--nodes is "${options.get('--nodes') ?? ''}", it must be a whole number from 2 to ${MOST_NODES}`)
  }
  return { nodes, engine, url: options.get(`--${engine}`) }
}
