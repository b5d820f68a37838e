// Many channels: overlapping sets, and a channel for each connection.
import { alternate } from '../alternate.js'
import { calibrate } from '../calibrate.js'
import { ownChannel, requests, tenOfHundred } from '../clients/requests.js'
import { Contender } from '../contender.js'

const SUBSCRIBERS = 1000
const SETS = 100
const EACH_SET = 10
const one = { subscribers: SUBSCRIBERS }
const hundred = { kind: 'comet', request: tenOfHundred, subscribers: SUBSCRIBERS }

export const overlapping = {
  measures: ['sets 1', 'sets 10'],
  // A message on one channel reaches a tenth of the connections; one on each of the hundred channels makes ten for each
  // connection.
  run: (settings, samples) => compare({
    'one channel': { ...one, kind: 'comet', request: requests.eventsource, work: { 'sets 1': 1, 'sets 10': 10 } },
    'net, 10 in one buffer': { ...one, kind: 'net', request: requests.net, work: { 'sets 10': 10 } },
    'sets, a message on one of them': {
      ...hundred,
      options: { plan: 'rotate', channels: SETS },
      marksEach: 1 / EACH_SET,
      work: { 'sets 1': 1 }
    },
    'sets, a message on each': {
      ...hundred,
      options: { plan: 'each', channels: SETS },
      work: { 'sets 10': EACH_SET }
    }
  }, settings, samples)
}

export const own = {
  measures: ['own channel'],
  run (settings, samples) {
    const { many } = settings
    const common = { subscribers: many, work: { 'own channel': 1 } }
    return compare({
      net: { ...common, request: requests.net },
      'a channel each': { ...common, kind: 'comet', request: ownChannel, options: { plan: 'own', channels: many } }
    }, settings, samples)
  }
}

async function compare (kinds, { runs, budget, wanted, profile }, samples) {
  const contenders = []
  const works = new Map()
  for (const [name, { subscribers, work, ...options }] of Object.entries(kinds)) {
    if (!wanted.contender(name)) continue
    const contender = await Contender.start(name, { ...options, nodeArguments: profile(name) })
    await contender.clients.open(subscribers)
    contenders.push(contender)
    works.set(contender, work)
  }
  for (const measure of new Set([...works.values()].flatMap(Object.keys))) {
    if (!wanted.measure(measure)) continue
    const taking = contenders.filter((contender) => measure in works.get(contender))
    const burst = (contender) => works.get(contender)[measure]
    const stream = (contender, count) => contender.stream(count, { burst: burst(contender) })
    const ticks = await calibrate(taking, budget, stream)
    await alternate(taking, runs, async (contender) => {
      const { cpu, ticks: done } = await stream(contender, ticks.get(contender))
      const deliveries = done * burst(contender) * contender.clients.count * Math.min(1, contender.marksEach)
      return { [measure]: cpu * 1000 / deliveries }
    }, samples)
  }
  for (const contender of contenders) await contender.stop()
}
