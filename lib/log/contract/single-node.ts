import assert from 'node:assert/strict'
import type { Contract } from './harness.ts'

const STRANGE = ['ä', '\u{1f4a9}\u2028', '"\\', 'x'.repeat(255), '{}', '*.>', ' ', '__proto__']

/** What every log must do for one node. */
export const nodeContract: Contract = {
  async 'passes on its epoch and position first, and that it has loaded once' ([, start]) {
    const { reader } = await start()
    assert.match(reader.events[0] as string, /^begin [A-Za-z0-9_]{1,64} \d+$/)
    assert.equal(reader.loads, 1)
    assert.equal(reader.epochs.length, 1)
  },

  async 'gives the reader each entry, in order, before its append is answered' ([, start]) {
    const { log, reader } = await start()
    for (let i = 0; i < 20; i++) {
      const { epoch, offset, isNew } = await log.append(i % 2 === 0 ? 'a' : 'b', String(i), undefined)
      assert.deepEqual({ epoch, isNew }, { epoch: reader.epoch, isNew: true })
      assert.deepEqual(pick(reader.entries.at(-1)), { offset, channel: i % 2 === 0 ? 'a' : 'b', data: String(i) })
    }
    assert.equal(reader.entries.length, 20)
    assertAscending(reader.entries.map(({ offset }) => offset))
  },

  async 'keeps the order of appends that are not awaited' ([, start]) {
    const { log, reader } = await start()
    const appends = Array.from({ length: 500 }, (_, index) => log.append('a', String(index), undefined))
    const appended = await Promise.all(appends)
    assert.deepEqual(reader.data, appended.map((_, index) => index))
    assert.deepEqual(reader.entries.map(({ offset }) => offset), appended.map(({ offset }) => offset))
    assertAscending(appended.map(({ offset }) => offset))
  },

  async 'passes on channel and data unchanged, also of control messages' ([, start]) {
    const { log, reader } = await start()
    const long = JSON.stringify('é'.repeat(30_000))
    for (const channel of ['', ...STRANGE]) await log.append(channel, JSON.stringify(channel), undefined)
    await log.append('long', long, undefined)
    assert.deepEqual(reader.entries.map(({ channel }) => channel), ['', ...STRANGE, 'long'])
    assert.deepEqual(reader.data.slice(0, -1), ['', ...STRANGE])
    assert.equal(reader.entries.at(-1)?.data, long)
  },

  async 'appends once for each key on a channel' ([, start]) {
    const { log, reader } = await start()
    const first = await log.append('a', '1', 'k')
    await log.append('a', '2', undefined)
    assert.deepEqual(await log.append('a', '3', 'k'), { ...first, isNew: false })
    for (const [channel, key] of [['a', 'l'], ['b', 'k'], ['a', 'k k'], ['a k', 'k'], ['a', STRANGE[1]]] as const) {
      const { isNew } = await log.append(channel, '4', key)
      assert.equal(isNew, true, `${key} on ${channel}`)
    }
    assert.deepEqual(reader.data, [1, 2, 4, 4, 4, 4, 4])
  },

  async 'appends once for a key that is used at the same time' ([, start]) {
    const { log, reader } = await start()
    const appended = await Promise.all(Array.from({ length: 10 }, () => log.append('a', '1', 'k')))
    assert.equal(new Set(appended.map(({ offset }) => offset)).size, 1)
    assert.equal(appended.filter(({ isNew }) => isNew).length, 1)
    assert.deepEqual(reader.data, [1])
  },

  async 'is connected, and has nothing pending when all is answered' ([, start]) {
    const { log, reader } = await start()
    await log.append('a', '1', undefined)
    await log.catchUp()
    assert.deepEqual([log.connected, log.pending, reader.entries.length], [true, 0, 1])
  },

  async 'does not call its reader after it was closed, and can be closed twice' ([, start]) {
    const { log, reader } = await start()
    await log.append('a', '1', undefined)
    await log.close()
    await log.close()
    const before = reader.events.length
    const late = (async () => { await log.append('a', '2', undefined) })()
    await late.catch((error: { code?: string }) => { assert.equal(error.code, 'COMET_ERR_CLOSED') })
    assert.equal(reader.events.length, before)
  }
}

/** Asserts that offsets are safe integers, each above the one before it. */
export function assertAscending (offsets: readonly number[]): void {
  for (const [index, offset] of offsets.entries()) {
    const before = offsets[index - 1] ?? 0
    assert.ok(Number.isSafeInteger(offset) && offset > before, `${offset} is a safe integer above ${before}`)
  }
}

function pick (entry: { offset: number, channel: string, data: string } | undefined): object | undefined {
  return entry === undefined ? undefined : { offset: entry.offset, channel: entry.channel, data: entry.data }
}
