// 1000 clients that poll.
import { alternate } from '../alternate.js'
import { calibrate } from '../calibrate.js'
import * as dialects from '../clients/dialects.js'
import { Contender } from '../contender.js'
import { hasNchan } from '../nchan-server.js'

const CLIENTS = 1000
const kinds = {
  'long-poll': { kind: 'comet', dialect: dialects.comet },
  'fastify poll': { kind: 'fastify', dialect: dialects.plain },
  'sockjs polling': { kind: 'sockjs', dialect: dialects.sockjs },
  'engine.io polling': { kind: 'engine-io', dialect: dialects.engineIo },
  ...(hasNchan ? { 'nchan polling': { kind: 'nchan', dialect: dialects.nchan } } : {})
}

export const measures = ['poll 1', 'poll 20']

export async function run ({ runs, budget, wanted, profile }, samples) {
  const contenders = []
  for (const [name, options] of Object.entries(kinds)) {
    if (!wanted.contender(name)) continue
    const contender = await Contender.start(name, { ...options, nodeArguments: profile(name) })
    await contender.clients.open(CLIENTS)
    await contender.server.settle()
    contenders.push(contender)
  }
  for (const burst of [1, 20]) {
    if (wanted.measure(`poll ${burst}`)) await cpu(contenders, burst, runs, budget, samples)
  }
  for (const contender of contenders) await contender.stop()
}

async function cpu (contenders, burst, runs, budget, samples) {
  const rounds = await calibrate(contenders, budget, (contender, count) => contender.poll(count, { burst }))
  await alternate(contenders, runs, async (contender) => {
    const answers = contender.clients.answers
    const { cpu, ticks } = await contender.poll(rounds.get(contender), { burst })
    const polls = (contender.clients.answers - answers) / ticks / CLIENTS
    return { [`poll ${burst}`]: cpu * 1000 / (ticks * CLIENTS * burst), [`answers ${burst}`]: polls }
  }, samples)
}
