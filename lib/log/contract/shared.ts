import assert from 'node:assert/strict'
import type { LogEntry } from '../message-log.ts'
import type { Contract, StartedNode } from './harness.ts'

/** What a log must do for several nodes. */
export const sharedContract: Contract = {
  async 'all nodes read the same entries, with the same offsets, in the same epoch' ([, start]) {
    const nodes = await Promise.all([start(), start(), start()])
    const appends = nodes.flatMap(({ log }, node) => {
      return Array.from({ length: 100 }, (_, i) => log.append('a', JSON.stringify([node, i]), undefined))
    })
    await Promise.all(appends)
    for (const { reader } of nodes) await reader.until(() => reader.entries.length === 300)
    const [first, ...others] = nodes.map(read)
    for (const other of others) assert.deepEqual(other, first)
    assert.equal(new Set(nodes.flatMap(({ reader }) => reader.epochs)).size, 1)
  },

  async 'a key that one node has used is known to the others' ([, start]) {
    const one = await start()
    const other = await start()
    const first = await one.log.append('a', '1', 'k')
    assert.deepEqual(await other.log.append('a', '2', 'k'), { ...first, isNew: false })
    assert.deepEqual(other.reader.data, [1])
  },

  async 'a node that starts late loads what was appended before, as history' ([, start]) {
    const one = await start()
    for (let i = 1; i <= 50; i++) await one.log.append('a', String(i), undefined)
    const late = await start()
    assert.equal(late.reader.history, 50)
    assert.deepEqual(read(late), read(one))
    assert.ok((late.reader.begun[0] as number) < (late.reader.entries[0]?.offset as number))
    assert.ok(late.reader.entries.every(({ time }) => time === undefined || Math.abs(Date.now() - time) < 60_000))
    await one.log.append('a', '51', undefined)
    await late.reader.until(() => late.reader.entries.length === 51)
    assert.equal(late.reader.loads, 1)
  },

  async 'a node that catches up has read every append that was answered before, on any node' ([, start]) {
    const one = await start()
    const other = await start()
    for (let i = 0; i < 20; i++) {
      const { offset } = await one.log.append('a', String(i), undefined)
      await other.log.catchUp()
      assert.ok((other.reader.entries.at(-1)?.offset as number) >= offset)
    }
  },

  async 'one node continues when another one is closed' ([, start]) {
    const one = await start()
    const other = await start()
    await one.log.append('a', '1', undefined)
    await one.log.close()
    await other.log.append('a', '2', undefined)
    assert.deepEqual(other.reader.data, [1, 2])
    assert.deepEqual(one.reader.data, [1])
  }
}

/** The entries of a node, without their times, which may differ between nodes. */
export function read ({ reader }: StartedNode): Pick<LogEntry, 'offset' | 'channel' | 'data'>[] {
  return reader.entries.map(({ offset, channel, data }) => ({ offset, channel, data }))
}
