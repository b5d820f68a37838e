import assert from 'node:assert/strict'
import type { Abilities, Contract, LogEngine, StartedNode } from './harness.ts'
import { assertAscending } from './single-node.ts'
import { read } from './shared.ts'

/** What a log must do when its broker is unreachable, and afterwards. */
export function outageContract ({ cut, restart, forget, trim }: Abilities): Contract {
  return {
    ...(cut === true ? cutContract : {}),
    ...(cut === true && trim === true ? lossContract : {}),
    ...(trim === true ? trimContract : {}),
    ...(restart === true ? { ...restartContract, ...historyContract } : {}),
    ...(forget === true ? forgetContract : {})
  }
}

const cutContract: Contract = {
  async 'a node that is cut off reports it, refuses appends, and continues where it was when it is back' ([, start]) {
    const one = await start()
    const other = await start(200)
    await one.log.append('a', '1', undefined)
    await other.cut()
    await other.reader.until(() => other.reader.isReachable === false)
    assert.equal(other.log.connected, false)
    const refused = async (): Promise<void> => { await other.log.append('a', '"refused"', undefined) }
    await assert.rejects(refused, { code: 'COMET_ERR_LOG_UNAVAILABLE', statusCode: 503 })
    for (let i = 2; i <= 5; i++) await one.log.append('a', String(i), undefined)
    await other.mend()
    await other.reader.until(() => other.reader.entries.length === 5)
    assert.equal(other.log.connected, true)
    assert.equal(other.reader.isReachable, true)
    assert.deepEqual(read(other), read(one))
    assert.deepEqual([other.reader.epochs.length, other.reader.lostUpTo, other.reader.loads], [1, [], 1])
  },

  async 'an append waits for a broker that comes back in time' ([, start]) {
    const node = await start(15_000)
    await node.cut()
    await node.reader.until(() => node.reader.isReachable === false)
    const appended = Promise.all([1, 2, 3].map((i) => node.log.append('a', String(i), undefined)))
    assert.equal(node.log.pending, 3)
    await node.mend()
    await appended
    assert.deepEqual(node.reader.data, [1, 2, 3])
    assert.equal(node.log.pending, 0)
  },

  async 'appends that were pending when the connection broke are in the log once, and in order' ([, start]) {
    const node = await start(15_000)
    const appends: Promise<unknown>[] = []
    for (let i = 0; i < 300; i++) {
      appends.push(Promise.resolve(node.log.append('a', String(i), undefined)))
      if (i % 100 === 50) {
        await node.cut()
        await node.mend()
      }
      if (i % 10 === 0) await new Promise(setImmediate)
    }
    await Promise.all(appends)
    assert.deepEqual(node.reader.data, appends.map((_, index) => index))
    assertAscending(node.reader.entries.map(({ offset }) => offset))
  },

  async 'a node that is cut off catches up once it is back' ([, start]) {
    const one = await start()
    const other = await start()
    await other.cut()
    await other.reader.until(() => other.reader.isReachable === false)
    await one.log.append('a', '1', undefined)
    const caughtUp = other.log.catchUp()
    await other.mend()
    await caughtUp
    assert.deepEqual(other.reader.data, [1])
  },

  async 'a node that is cut off can be closed' ([, start]) {
    const node = await start()
    await node.cut()
    await node.reader.until(() => node.reader.isReachable === false)
    const append = async (): Promise<void> => { await node.log.append('a', '1', undefined) }
    const held = assert.rejects(append, { code: 'COMET_ERR_CLOSED' })
    const caughtUp = node.log.catchUp()
    await node.log.close()
    await Promise.all([held, caughtUp])
  }
}

const lossContract: Contract = {
  async 'entries that were trimmed before a node could read them are lost to it' ([broker, start]) {
    const one = await start()
    const other = await start()
    await one.log.append('a', '0', undefined)
    await other.log.catchUp()
    await other.cut()
    await other.reader.until(() => other.reader.isReachable === false)
    for (let i = 1; i <= 50; i++) await one.log.append('a', String(i), undefined)
    await (broker as Required<LogEngine>).trim(10)
    await other.mend()
    await other.reader.until(() => other.reader.data.at(-1) === 50)
    const readOffsets = new Set(read(other).map(({ offset }) => offset))
    const unread = read(one).filter(({ offset }) => !readOffsets.has(offset))
    assert.ok(unread.length >= 40, 'entries are gone')
    assert.ok((unread.at(-1)?.offset as number) <= (other.reader.lostUpTo.at(-1) as number), 'the reader was notified')
    assert.equal(other.reader.epochs.length, 1)
  }
}

const trimContract: Contract = {
  async 'a node that starts after entries were trimmed begins before the oldest that is left' ([broker, start]) {
    const one = await start()
    for (let i = 1; i <= 50; i++) await one.log.append('a', String(i), undefined)
    await (broker as Required<LogEngine>).trim(10)
    const late = await start()
    assert.deepEqual(late.reader.data.at(-1), 50)
    assert.ok(late.reader.entries.length < 50)
    const missing = read(one).slice(0, -late.reader.entries.length)
    assert.ok((missing.at(-1)?.offset as number) <= (late.reader.begun[0] as number))
  }
}

const restartContract: Contract = {
  async 'after the broker was killed and is back, no answered append is missing unannounced' ([broker, start]) {
    const nodes = [await start(15_000), await start(15_000)] as const
    for (let i = 0; i < 20; i++) await nodes[i % 2 === 0 ? 0 : 1].log.append('a', String(i), undefined)
    await (broker as Required<LogEngine>).restart()
    for (let i = 20; i < 40; i++) await nodes[i % 2 === 0 ? 0 : 1].log.append('a', String(i), undefined)
    for (const node of nodes) {
      await node.reader.until(() => node.reader.data.at(-1) === 39)
      assertComplete(node)
    }
    assert.equal(nodes[0].reader.epoch, nodes[1].reader.epoch)
  }
}

// What was there before an outage is there afterwards, for new subscribers of every node, and subscribers that were
// there receive it once.
const historyContract: Contract = {
  async 'after the broker was killed and is back, what it still holds is history on every node' ([broker, start]) {
    const nodes = [await start(15_000), await start(15_000)] as const
    for (let i = 0; i < 20; i++) await nodes[i % 2 === 0 ? 0 : 1].log.append('a', String(i), undefined)
    for (const { log } of nodes) await log.catchUp()
    await (broker as Required<LogEngine>).restart()
    await nodes[0].log.append('a', '20', undefined)
    await nodes[1].log.catchUp()
    for (const { reader } of [...nodes, await start()]) {
      assert.deepEqual(reader.held.map(({ data }) => Number(data)), Array.from({ length: 21 }, (_, i) => i))
      assert.deepEqual(reader.data, reader.held.map(({ data }) => Number(data)))
    }
  }
}

const forgetContract: Contract = {
  async 'a broker that has forgotten everything begins another epoch, the same on all nodes' ([broker, start]) {
    const nodes = [await start(15_000), await start(15_000)] as const
    for (let i = 0; i < 20; i++) await nodes[0].log.append('a', String(i), 'k' + String(i))
    await nodes[1].log.catchUp()
    await (broker as Required<LogEngine>).forget()
    const { epoch, isNew } = await nodes[0].log.append('a', '20', 'k0')
    assert.equal(isNew, true)
    await nodes[1].reader.until(() => nodes[1].reader.data.at(-1) === 20)
    for (const { reader } of nodes) {
      assert.equal(reader.epoch, epoch)
      assert.equal(reader.epochs.length, 2)
      assert.deepEqual(reader.data, Array.from({ length: 21 }, (_, index) => index))
    }
  }
}

// Between two entries that are not neighbours, the reader was notified of a loss or of another epoch.
function assertComplete ({ reader }: StartedNode): void {
  const numbers = new Map(reader.entries.map(({ offset, data }) => [`entry ${offset}`, Number(data)]))
  let last = -1
  let isExcused = false
  for (const event of reader.events) {
    const data = numbers.get(event)
    if (event.startsWith('begin') || event.startsWith('lost')) isExcused = true
    if (data === undefined) continue
    const isNext = data === last + 1 || (data > last && isExcused)
    assert.ok(isNext, `${data} after ${last} in ${reader.events.join(', ')}`)
    last = data
    isExcused = false
  }
}
