// The way of one message from its publisher to every node: through the log, and where the log has more readers than one
// broker can feed, through levels of relays that each follow the level above.

export interface FanOut {
  readonly nodes: number
  /** the number of readers that one broker, or one relay, can feed */
  readonly arity: number
  /** the duration of one hop, as measured between two nodes over the log, ms */
  readonly hop: { readonly p50: number, readonly p99: number }
}

export interface FanOutOutcome {
  readonly levels: number
  /** ms until half of the nodes, 99 % of them, and the last one have the message (medians over the messages) */
  readonly p50: number
  readonly p99: number
  readonly last: number
}

const MESSAGES = 25
const P99 = 2.3263

/** The number of levels between the log and the nodes, including the log's own. */
export function levels (nodes: number, arity: number): number {
  return Math.max(1, Math.ceil(Math.log(nodes) / Math.log(arity) - 1e-9))
}

/** Simulates the way of `MESSAGES` messages to all nodes. */
export function fanOut ({ nodes, arity, hop }: FanOut, random: () => number = Math.random): FanOutOutcome {
  const depth = levels(nodes, arity)
  const draw = (): number => drawn(hop, random)
  const runs = Array.from({ length: MESSAGES }, () => arrivals(nodes, arity, depth, draw).sort((a, b) => a - b))
  const at = (share: number): number => median(runs.map((times) => times[Math.ceil(share * nodes) - 1] as number))
  return { levels: depth, p50: at(0.5), p99: at(0.99), last: at(1) }
}

/** When each node has the message. The readers of a relay share the time that the message took to reach the relay. */
function arrivals (nodes: number, arity: number, depth: number, hop: () => number): number[] {
  let level = [0]
  for (let d = 1; d <= depth; d++) {
    const size = d === depth ? nodes : Math.ceil(nodes / arity ** (depth - d))
    const above = level
    const arrivedAbove = (index: number): number => above[Math.floor(index * above.length / size)] as number
    level = Array.from({ length: size }, (_, index) => arrivedAbove(index) + hop())
  }
  return level
}

// Log-normal: most hops are quick, and a few wait behind other work.
function drawn ({ p50, p99 }: FanOut['hop'], random: () => number): number {
  const sigma = Math.log(p99 / p50) / P99
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return p50 * Math.exp(sigma * normal)
}

function median (values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number
}
