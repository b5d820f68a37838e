import t from 'tap'
import { logContract, type LogContractOptions, type LogNode } from '../../../../lib/log/contract/index.ts'
import { memoryLog } from '../../../../lib/log/memory.ts'
import type { LogReader, MessageLog } from '../../../../lib/log/message-log.ts'

/** The tests of a contract by title, in order. */
function testsOf (options: Omit<LogContractOptions, 'test'>): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>()
  logContract({ ...options, test: (title, run) => { tests.set(title, run) } })
  return tests
}

function over (createLog: () => MessageLog): Pick<LogContractOptions, 'createEngine'> {
  return { createEngine: () => ({ createNode: (): LogNode => ({ log: createLog() }), close () {} }) }
}

/** The titles of the tests that a log fails. */
async function failures (createLog: () => MessageLog, shared = false): Promise<string[]> {
  const failed: string[] = []
  for (const [title, run] of testsOf({ ...over(createLog), shared })) {
    await run().catch(() => { failed.push(title) })
  }
  return failed
}

/** A log in memory whose reader is called through these methods. */
function withReader (change: (reader: LogReader) => Partial<LogReader>): () => MessageLog {
  return () => {
    const log = memoryLog()
    return {
      ...log,
      start (reader) {
        const methods = ['begin', 'entry', 'lost', 'loaded', 'reachable'] as const
        const bound = Object.fromEntries(methods.map((name) => [name, (...args: [never, never, never]) => {
          reader[name](...args)
        }]))
        log.start({ ...bound as unknown as LogReader, ...change(reader) })
      }
    }
  }
}

t.test('what a log is able to do decides which tests there are', async (t) => {
  const count = (shared: boolean, can = {}): number => testsOf({ ...over(memoryLog), shared, can }).size
  const alone = count(false)
  const shared = count(true)
  t.ok(alone > 5 && shared > alone, 'nodes that share a log have tests of their own')
  for (const ability of ['cut', 'restart', 'forget', 'trim']) t.ok(count(true, { [ability]: true }) > shared, ability)
  const [both, each] = [
    count(true, { cut: true, trim: true }), [count(true, { cut: true }), count(true, { trim: true })]
  ]
  t.ok(both - shared > each.reduce((sum, one) => sum + one - shared, 0), 'a cut and a trim together are a loss')
})

t.test('the log in memory passes', async (t) => {
  t.same(await failures(memoryLog), [])
})

const DEFECTS: Record<string, () => MessageLog> = {
  'drops entries': withReader(() => ({ entry () {} })),
  'changes data': withReader((reader) => ({ entry: (entry) => { reader.entry({ ...entry, data: '0' }) } })),
  'repeats offsets': withReader((reader) => ({ entry: (entry) => { reader.entry({ ...entry, offset: 1 }) } })),
  'loads twice': withReader((reader) => ({ loaded () { reader.loaded(); reader.loaded() } })),
  'has an epoch that is no name': withReader((reader) => ({
    begin: (_epoch, position) => {
      reader.begin('a-b', position)
    }
  })),
  'forgets keys': () => {
    const log = memoryLog()
    return { ...log, append: (channel, data) => log.append(channel, data, undefined) }
  },
  'is never connected': () => ({ ...memoryLog(), connected: false }),
  'calls its reader after it was closed': () => ({ ...memoryLog(), close: () => undefined })
}

for (const [defect, createLog] of Object.entries(DEFECTS)) {
  t.test(`a log that ${defect} fails`, async (t) => {
    t.ok((await failures(createLog)).length > 0)
  })
}

t.test('nodes that share nothing fail as a shared log', async (t) => {
  t.ok((await failures(memoryLog, true)).length >= 3)
})
