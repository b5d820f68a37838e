import t from 'tap'
import { memoryLog } from '../../../lib/log/memory.ts'
import { type Appended, KEY_LIFETIME } from '../../../lib/log/message-log.ts'
import { stopClock } from '../../fixtures/bus.ts'

t.test('a key is known for its lifetime, and then publishes once more', async (t) => {
  const pass = stopClock(t)
  const log = memoryLog()
  log.start({ begin () {}, entry () {}, lost () {}, loaded () {}, reachable () {} })
  const append = async (): Promise<Appended> => log.append('a', '1', 'key')
  const first = await append()
  t.equal(first.isNew, true)
  pass(KEY_LIFETIME - 1)
  t.match(await append(), { offset: first.offset, isNew: false })
  pass(2 * KEY_LIFETIME)
  t.match(await append(), { offset: first.offset + 1, isNew: true })
})
