import t from 'tap'
import { memoryLog } from '../../../../lib/log/memory.ts'
import type { MessageLog } from '../../../../lib/log/message-log.ts'
import { type LogEngine, withNodes } from '../../../../lib/log/contract/harness.ts'

function create (): { broker: LogEngine, done: string[] } {
  const done: string[] = []
  const createNode = (): { log: MessageLog } => {
    const log = memoryLog()
    return { log: { ...log, close () { done.push('log'); return log.close() } } }
  }
  return { broker: { createNode, close () { done.push('broker') } }, done }
}

t.test('a test gets nodes that have loaded; afterwards they are closed, and then the broker', async (t) => {
  const { broker, done } = create()
  await withNodes(() => broker, async ([given, start]) => {
    t.equal(given, broker)
    for (let i = 0; i < 2; i++) t.equal((await start()).reader.loads, 1)
    t.same(done, [])
  })
  t.same(done, ['log', 'log', 'broker'])
})

t.test('they are closed also if the test fails', async (t) => {
  const { broker, done } = create()
  await t.rejects(withNodes(() => broker, async ([, start]) => {
    await start()
    throw new Error('red')
  }), { message: 'red' })
  t.same(done, ['log', 'broker'])
})

t.test('cutting off a node that has no way to do that throws', async (t) => {
  await withNodes(() => create().broker, async ([, start]) => {
    const { cut, mend } = await start()
    t.throws(cut, { message: /cannot be cut off/ })
    t.throws(mend, { message: /cannot be cut off/ })
  })
})
