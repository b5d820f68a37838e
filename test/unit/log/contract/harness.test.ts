import t from 'tap'
import { memoryLog } from '../../../../lib/log/memory.ts'
import type { MessageLog } from '../../../../lib/log/message-log.ts'
import { type LogEngine, withEngine } from '../../../../lib/log/contract/harness.ts'

function create (): { engine: LogEngine, done: string[] } {
  const done: string[] = []
  const createNode = (): { log: MessageLog } => {
    const log = memoryLog()
    return { log: { ...log, close () { done.push('log'); return log.close() } } }
  }
  return { engine: { createNode, close () { done.push('engine') } }, done }
}

t.test('a test gets nodes that have loaded, and afterwards they are closed, and then the engine', async (t) => {
  const { engine, done } = create()
  await withEngine(() => engine, async ([given, start]) => {
    t.equal(given, engine)
    for (let i = 0; i < 2; i++) t.equal((await start()).reader.loads, 1)
    t.same(done, [])
  })
  t.same(done, ['log', 'log', 'engine'])
})

t.test('they are closed also where the test fails', async (t) => {
  const { engine, done } = create()
  await t.rejects(withEngine(() => engine, async ([, start]) => {
    await start()
    throw new Error('red')
  }), { message: 'red' })
  t.same(done, ['log', 'engine'])
})

t.test('an engine whose nodes cannot be cut off says so', async (t) => {
  await withEngine(() => create().engine, async ([, start]) => {
    const { cut, mend } = await start()
    t.throws(cut, { message: /cannot cut/ })
    t.throws(mend, { message: /cannot cut/ })
  })
})
