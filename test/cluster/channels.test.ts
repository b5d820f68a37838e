// A node that only reads what others publish, on more channels than it may hold.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import type { CometStats } from '../../lib/index.ts'
import type { MessageLog } from '../../lib/log/message-log.ts'
import { connectLog, BROKER_NAMES, type BrokerName, startBroker } from '../fixtures/cluster/brokers.ts'
import { needs } from '../fixtures/requirement.ts'

const HISTORY_BYTES = 16_000_000
// What a node needs beside its history, and what the estimate of a message and a channel may be wrong by.
const MORE_BYTES = 8_000_000
const DATA = JSON.stringify('x'.repeat(200))
const UNDER_WAY = 1000

const COUNTS: Record<BrokerName, number> = { redis: 100_000, nats: 30_000 }

for (const broker of BROKER_NAMES) {
  t.test(`${COUNTS[broker]} channels over one log in ${broker} take no more of a node's memory than its history may`, async (t) => {
    if (!needs(t, broker)) return
    const { port } = await startBroker(broker, t)
    const log = await startLog(t, broker, port)
    const measure = await startReader(t, broker, port)
    const { used: before } = await measure(await publish(log, 0, 1000))
    let most = 0
    for (let from = 1000; from < COUNTS[broker]; from += 10_000) {
      const { used, stats } = await measure(await publish(log, from, from + 10_000))
      most = Math.max(most, used - before)
      t.ok(stats.history.bytes <= HISTORY_BYTES)
    }
    t.ok(most <= HISTORY_BYTES + MORE_BYTES, `${most} bytes more`)
    t.ok(most > HISTORY_BYTES / 4, `${most} bytes more`)
  })
}

/** A log whose reader keeps nothing. */
async function startLog (t: Test, broker: BrokerName, port: number): Promise<MessageLog> {
  const log = await connectLog(broker, t, port)
  t.teardown(() => log.close())
  await new Promise<void>((resolve) => {
    log.start({ begin () {}, entry () {}, lost () {}, reachable () {}, loaded: resolve })
  })
  return log
}

/** Publishes on these channels, and returns the last offset. */
async function publish (log: MessageLog, from: number, to: number): Promise<number> {
  let last = 0
  for (let next = from; next < to; next += UNDER_WAY) {
    const appended = await Promise.all(Array.from({ length: UNDER_WAY }, (_, index) =>
      log.append(`channel-${next + index}`, DATA, undefined)))
    last = appended.at(-1)?.offset ?? last
  }
  return last
}

interface Measured { used: number, stats: CometStats }

/**
 * A node in a process of its own. The function that it returns resolves to the memory in use once the node has read up
 * to an offset.
 */
async function startReader (t: Test, broker: BrokerName, port: number): Promise<(offset: number) => Promise<Measured>> {
  const url = new URL('../fixtures/cluster/reader.ts', import.meta.url)
  const child = fork(url, [broker, String(port), String(HISTORY_BYTES)], {
    execArgv: [...process.execArgv, '--expose-gc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'message')
  return async (offset) => {
    child.send(offset)
    const [measured] = await once(child, 'message') as [Measured]
    return measured
  }
}
