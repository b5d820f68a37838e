import t from 'tap'
import { Recorder } from '../../../../lib/log/contract/recorder.ts'

const entry = (offset: number): { offset: number, channel: string, data: string } =>
  ({ offset, channel: 'a', data: String(offset) })

t.test('it records each call as text, and what the calls come to', async (t) => {
  const recorder = new Recorder()
  recorder.begin('one', 0)
  recorder.entry(entry(1))
  recorder.loaded()
  recorder.reachable(true)
  recorder.lost(3)
  recorder.foreign('bad')
  recorder.entry(entry(4))
  recorder.reachable(false)
  t.same(recorder.events, [
    'begin one 0', 'entry 1', 'loaded', 'reachable', 'lost 3', 'foreign: bad', 'entry 4', 'unreachable'
  ])
  t.same([recorder.data, recorder.history, recorder.loads], [[1, 4], 1, 1])
  t.same([recorder.epoch, recorder.begun, recorder.lostUpTo], ['one', [0], [3]])
  t.same([recorder.foreignReasons, recorder.isReachable], [['bad'], false])
  t.same(recorder.held.map(({ offset }) => offset), [4])
})

t.test('history that is read again in another epoch is held, and is no new entry', async (t) => {
  const recorder = new Recorder()
  recorder.begin('one', 0)
  recorder.entry(entry(1))
  recorder.loaded()
  recorder.begin('two', 0, 1)
  recorder.entry(entry(1))
  recorder.loaded()
  recorder.entry(entry(2))
  t.same(recorder.events.slice(3), ['begin two 1', 'again 1', 'loaded', 'entry 2'])
  t.same([recorder.data, recorder.held.length, recorder.epochs], [[1, 2], 2, ['one', 'two']])
})

t.test('until() resolves when the condition holds, at the latest after the next call', async () => {
  const recorder = new Recorder()
  await recorder.until(() => true)
  const loaded = recorder.until(() => recorder.loads === 1)
  recorder.begin('one', 0)
  recorder.loaded()
  await loaded
})
