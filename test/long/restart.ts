// Redis restarted under three nodes, with all that it had and with less: `npm run long -- restart [clients]`.
import { setTimeout as pause } from 'node:timers/promises'
import { Comet } from '../../lib/client/index.ts'
import { redisLog } from '../../lib/log/redis/redis-log.ts'
import { connectRedis, RedisServer } from '../fixtures/redis.ts'
import { serve, type Teardown, type TestServer } from '../fixtures/server.ts'
import { createLightEnv } from './light-env.ts'
import { say, verdict } from './verdict.ts'
import { transportOf } from './witness.ts'

const PATIENCE = 60_000 // ms
const BEFORE = 50
const LOST = 10
const AFTER = 20

type Finding = readonly [what: string, isRight: boolean]

/** What a client was given on the channel `room`. */
interface Client {
  readonly comet: Comet
  readonly numbers: number[]
  readonly gaps: string[]
}

const count = Number(process.argv[2] ?? 100)
const findings = [
  ...await restart('with all that it had (appendfsync always)', true), ...await restart('from an older dump', false)
]
verdict(findings)

async function restart (what: string, durable: boolean): Promise<Finding[]> {
  const undos: (() => unknown)[] = []
  const t: Teardown = { teardown: (undo) => { undos.unshift(undo) } }
  try {
    return await play(t, what, durable)
  } finally {
    for (const undo of undos) await undo()
  }
}

async function play (t: Teardown, what: string, durable: boolean): Promise<Finding[]> {
  const redis = await RedisServer.start({ durable })
  t.teardown(() => redis.stop())
  const startNode = (): Promise<TestServer> => serve(t, {
    comet: {
      log: redisLog(connectRedis(t, redis.port), { publishTimeout: PATIENCE }), retain: (channel) => channel === 'state'
    }
  })
  const nodes = [await startNode(), await startNode(), await startNode()]
  const clients = nodes.length === 0
    ? []
    : Array.from({ length: count }, (_, i) => follow(t, nodes[i % nodes.length] as TestServer, i))
  await all(clients, ({ comet }) => comet.state === 'open')
  const publish = async (from: number, to: number): Promise<void> => {
    for (let n = from; n <= to; n++) await nodes[n % nodes.length]?.app.comet.publish('room', n)
  }
  await nodes[0]?.app.comet.publish('state', 'kept')
  await publish(1, BEFORE)
  if (!durable) await connectRedis(t, redis.port).save()
  await publish(BEFORE + 1, BEFORE + LOST)
  await all(clients, ({ numbers }) => numbers.at(-1) === BEFORE + LOST)
  say(`${what}: ${count} clients have ${BEFORE + LOST} messages, Redis is killed and started again`)
  await redis.kill()
  await redis.run()
  const began = performance.now()
  await publish(BEFORE + LOST + 1, BEFORE + LOST + AFTER)
  await all(clients, ({ numbers }) => numbers.at(-1) === BEFORE + LOST + AFTER)
  say(`${what}: they have the last message ${Math.round(performance.now() - began)} ms later`)
  await pause(200)
  const held = numbersFrom(1, durable ? BEFORE + LOST : BEFORE).concat(numbersFrom(BEFORE + LOST + 1, BEFORE + LOST +
    AFTER))
  return [
    [
      `${what}: ${clients.filter(({ gaps }) =>
        gaps.join() === 'restarted').length} of ${count} clients were told of it, once`,
      clients.every(({ gaps }) => gaps.join() === 'restarted')
    ],
    [`${what}: nothing lost or repeated of ${BEFORE + LOST + AFTER} messages`, clients.every(({ numbers }) =>
      numbers.join() === numbersFrom(1, BEFORE + LOST + AFTER).join())],
    ...await Promise.all([...nodes, await startNode()].map((node, i) => newcomer(node, i, what, held)))
  ]
}

function follow (t: Teardown, { origin }: TestServer, i: number): Client {
  const comet = new Comet(`${origin}/comet`, { transports: [transportOf(i)] }, createLightEnv(origin))
  t.teardown(() => { comet.close() })
  const client: Client = { comet, numbers: [], gaps: [] }
  comet.subscribe('room', (data) => {
    client.numbers.push(data as number)
  }, { onGap: ({ reason }) => { client.gaps.push(reason) } })
  return client
}

async function newcomer ({ app }: TestServer, i: number, what: string, held: number[]): Promise<Finding> {
  const given = async (channel: string): Promise<unknown[]> => {
    const frames = (await app.inject(`/comet/long-poll?channel=${channel}&history=1000`)).json<{
      type?: string
      data?: unknown
    }[]>()
    return frames.filter(({ type }) => type === undefined).map(({ data }) => data)
  }
  const [room, state] = [await given('room'), await given('state')]
  return [
    `${what}: a newcomer to node ${i + 1} is given ${room.length} messages and ${state.length} of the retained state`,
    room.join() === held.join() && state.join() === 'kept'
  ]
}

function numbersFrom (first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

async function all (clients: readonly Client[], holds: (client: Client) => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (!clients.every(holds)) {
    if (performance.now() > deadline) {
      throw new Error(`${clients.filter((client) => !holds(client)).length} clients are not there`)
    }
    await pause(10)
  }
}
