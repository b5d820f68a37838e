import t from 'tap'
import { faults, type Told } from '../fixtures/model/model.ts'
import { playSchedules } from '../fixtures/model/schedules.ts'

const OWED = [['a1', 'a'], ['b1', 'b'], ['a2', 'a'], ['a3', 'a'], ['b2', 'b']].map(([id = '', channel = '']) =>
  ({ id, channel }))

/** Messages by their ids, gaps by their channels in capitals. */
function told (text: string): Told[] {
  return text.split(' ').map((word) => /^[A-Z]+$/.test(word)
    ? { gap: word.toLowerCase().split('') }
    : { id: word, channel: word.charAt(0) })
}

for (const right of ['a1 b1 a2 a3 b2', 'A a3 B b2', 'a1 b1 a2 A b2', 'AB', 'A a1 B b1 AB']) {
  t.test(`the model lets ${right} pass`, async (t) => { t.same(faults(OWED, told(right)), []) })
}

for (const wrong of [
  'a1 b1 a2 a3', 'b1 a1 a2 a3 b2', 'a1 b1 a2 a2 a3 b2', 'a1 b1 a3 b2', 'a1 b1 B a3 b2', 'a1 b1 a2 a3 b2 x1', 'A'
]) {
  t.test(`the model finds what is wrong with ${wrong}`, async (t) => { t.ok(faults(OWED, told(wrong)).length > 0) })
}

t.test('the model lets a hole pass where the channel was denied, and nowhere else', async (t) => {
  t.same(faults(OWED, [...told('a1 b1'), { denied: ['a'] }, ...told('b2')]), [])
  t.ok(faults(OWED, [...told('a1 b1'), { denied: ['b'] }, ...told('b2')]).length > 0)
})

t.test('whatever happens, each subscriber gets its messages in order, each once, every hole is announced, and nothing is left', async (t) => {
  const seed = Number(process.env['COMET_SEED'] ?? Date.now() % 2 ** 31)
  t.comment(`seed ${seed}`)
  const { schedules, messages } = await playSchedules({ seed, runs: 1000, timeLimit: 20_000 })
  t.ok(schedules > 10, `${schedules} schedules, ${messages} messages`)
})
