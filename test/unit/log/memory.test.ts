import t from 'tap'
import { memoryLog } from '../../../lib/log/memory.ts'
import { logContract } from '../../../lib/log/contract/index.ts'
import { Recorder } from '../../../lib/log/contract/recorder.ts'

logContract({
  test: (title, run) => t.test(title, run),
  createEngine: () => ({ createNode: () => ({ log: memoryLog() }), close () {} }),
  shared: false
})

t.test('counts over all channels, from 1', async (t) => {
  const log = memoryLog()
  t.match(log.append('a', '1', undefined), { offset: 1, isNew: true })
  t.match(log.append('b', '2', undefined), { offset: 2, isNew: true })
})

t.test('begins where it is', async (t) => {
  const log = memoryLog()
  await log.append('a', '1', undefined)
  const reader = new Recorder()
  log.start(reader)
  t.same(reader.begun, [1])
})

t.test('hands each entry to its reader before append returns', async (t) => {
  const log = memoryLog()
  const reader = new Recorder()
  log.start(reader)
  const appended = log.append('a', '{"x":1}', undefined)
  t.same(reader.entries, [{ offset: 1, channel: 'a', data: '{"x":1}' }])
  t.match(await appended, { offset: 1 })
})

t.test('a key stands for nothing that was not taken', async (t) => {
  const log = memoryLog()
  const reader = new Recorder()
  reader.entry = () => { throw new Error('no') }
  log.start(reader)
  t.throws(() => log.append('a', '1', 'k'), { message: 'no' })
  reader.entry = () => { /* taken */ }
  t.match(log.append('a', '1', 'k'), { isNew: true })
})

t.test('each life of it has another name, of letters and digits', async (t) => {
  const epochs = await Promise.all(Array.from({ length: 200 }, async () =>
    (await memoryLog().append('a', '1', undefined)).epoch))
  t.ok(epochs.every((epoch) => /^[A-Za-z0-9]{12}$/.test(epoch)))
  t.equal(new Set(epochs).size, 200)
})

t.test('a message that is published again with its key from within its own delivery is the same', async (t) => {
  const log = memoryLog()
  const offsets: number[] = []
  const again: unknown[] = []
  log.start({
    begin () {},
    entry ({ offset }) {
      offsets.push(offset)
      again.push(log.append('a', '1', 'k'))
    },
    lost () {},
    loaded () {},
    reachable () {}
  })
  await log.append('a', '1', 'k')
  t.same(offsets, [1])
  t.match(again, [{ offset: 1, isNew: false }])
})

t.test('a key of a message that its reader refuses is not known', async (t) => {
  const log = memoryLog()
  let broken = true
  log.start({ begin () {}, entry () { if (broken) throw new Error('no') }, lost () {}, loaded () {}, reachable () {} })
  t.throws(() => log.append('a', '1', 'k'), { message: 'no' })
  broken = false
  t.match(await log.append('a', '1', 'k'), { isNew: true })
})
