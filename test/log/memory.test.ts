import t from 'tap'
import { memoryLog } from '../../lib/log/memory.ts'
import type { LogEntry } from '../../lib/log/message-log.ts'

t.test('counts over all channels', async (t) => {
  const log = memoryLog()
  t.equal(log.end, 0)
  t.equal(log.append('a', '1', undefined), 1)
  t.equal(log.append('b', '2', undefined), 2)
  t.equal(log.end, 2)
})

t.test('hands each entry to its tail before append returns', async (t) => {
  const log = memoryLog()
  const entries: LogEntry[] = []
  log.follow((entry) => { entries.push(entry) })
  log.append('a', '{"x":1}', undefined)
  t.same(entries, [{ offset: 1, channel: 'a', data: '{"x":1}' }])
})

t.test('the same key on a channel appends once', async (t) => {
  const log = memoryLog()
  const entries: LogEntry[] = []
  log.follow((entry) => { entries.push(entry) })
  t.equal(log.append('a', '1', 'k'), 1)
  t.equal(log.append('a', '2', 'k'), 1)
  t.equal(log.append('b', '3', 'k'), 2)
  t.equal(log.end, 2)
  t.equal(entries.length, 2)
})

t.test('a key stands for nothing that was not taken', async (t) => {
  const log = memoryLog()
  let broken = true
  log.follow(() => {
    if (broken) throw new Error('no')
  })
  t.throws(() => log.append('a', '1', 'k'), { message: 'no' })
  broken = false
  t.equal(log.append('a', '1', 'k'), log.end)
})

t.test('each life of it has another name, of letters and digits', async (t) => {
  const epochs = Array.from({ length: 200 }, () => memoryLog().epoch)
  t.ok(epochs.every((epoch) => /^[A-Za-z0-9]{12}$/.test(epoch)))
  t.equal(new Set(epochs).size, 200)
})

t.test('hands nothing out after it was closed', async (t) => {
  const log = memoryLog()
  log.follow(() => { t.fail('called') })
  log.close()
  log.append('a', '1', undefined)
  t.equal(log.end, 1)
})
