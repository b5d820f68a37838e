/** The brokers that can keep the log of several nodes. */
export type BrokerName = 'redis' | 'nats'

/** The request on the command line for several nodes, and the log that they share. */
export interface NodesRequest {
  /** the number of nodes */
  nodes: number
  broker: BrokerName
  /** of a running broker; undefined: the demo starts its own */
  url: string | undefined
}

const BROKERS: readonly BrokerName[] = ['redis', 'nats']
const FLAGS = BROKERS.map((broker) => `--${broker}`)
const MAX_NODES = 9

/**
 * Parses the arguments of `npm start`: none, or `[--nodes <2 to 9>] --redis [url]`, or the same with `--nats`.
 *
 * @throws Error that says what is wrong with the arguments
 */
export function parseCommandLine (args: readonly string[]): NodesRequest | undefined {
  const options = new Map<string, string | undefined>()
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = (args[i] ?? '').split(/=(.*)/s, 2)
    const next = args[i + 1]
    const hasValue = inline === undefined && next !== undefined && !next.startsWith('--')
    options.set(name, hasValue ? next : inline)
    if (hasValue) i++
  }
  return options.size === 0 ? undefined : nodesRequest(options)
}

function nodesRequest (options: Map<string, string | undefined>): NodesRequest {
  const unknown = [...options.keys()].find((name) => name !== '--nodes' && !FLAGS.includes(name))
  if (unknown !== undefined) {
    throw new Error(`Unknown option "${unknown}": the options are --nodes, ${FLAGS.join(', ')}`)
  }
  const brokers = BROKERS.filter((broker) => options.has(`--${broker}`))
  const [broker] = brokers
  if (broker === undefined || brokers.length > 1) {
    throw new Error(`Several nodes need one shared log: pass either ${FLAGS.join(' or ')}`)
  }
  return { nodes: countOf(options), broker, url: options.get(`--${broker}`) }
}

function countOf (options: Map<string, string | undefined>): number {
  const nodes = Number(options.has('--nodes') ? options.get('--nodes') : 3)
  if (Number.isInteger(nodes) && nodes >= 2 && nodes <= MAX_NODES) return nodes
  throw new Error(`--nodes must be a whole number from 2 to ${MAX_NODES}, got "${options.get('--nodes') ?? ''}"`)
}
