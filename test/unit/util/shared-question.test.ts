import t from 'tap'
import { SharedQuestion } from '../../../lib/util/shared-question.ts'

/** A question whose answers are given by hand. */
function create (): { question: SharedQuestion, put: { resolve: () => void, reject: (error: Error) => void }[] } {
  const put: { resolve: () => void, reject: (error: Error) => void }[] = []
  return { put, question: new SharedQuestion(() => new Promise((resolve, reject) => { put.push({ resolve, reject }) })) }
}

const LONG = 60_000
const later = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

t.test('where there is nothing to wait for, nobody waits', async (t) => {
  t.equal(new SharedQuestion(() => undefined).ask(LONG), undefined)
})

t.test('those who ask while it is under way share one that begins afterwards', async (t) => {
  const { question, put } = create()
  const first = question.ask(LONG)
  const others = Array.from({ length: 1000 }, () => question.ask(LONG))
  put[0]?.resolve()
  t.equal(await first, true)
  await later()
  t.equal(put.length, 2)
  put[1]?.resolve()
  t.same(new Set(await Promise.all(others)), new Set([true]))
  const last = question.ask(LONG)
  t.equal(put.length, 3)
  put[2]?.resolve()
  t.equal(await last, true)
})

t.test('who has waited long enough is answered so, and then nobody asks again', async (t) => {
  const { question, put } = create()
  const asked = [question.ask(1), question.ask(1), question.ask(1)]
  t.same(await Promise.all(asked), [false, false, false])
  put[0]?.resolve()
  await later()
  t.equal(put.length, 1)
})

t.test('who has waited long enough leaves nothing behind', async (t) => {
  const { question } = create()
  const asked = Array.from({ length: 100 }, () => question.ask(1))
  t.equal(question.size, 100)
  await Promise.all(asked)
  t.equal(question.size, 0)
})

t.test('what fails, fails for those who share it alone', async (t) => {
  const { question, put } = create()
  const asked = [question.ask(LONG), question.ask(LONG)] as const
  put[0]?.reject(new Error('no'))
  await t.rejects(asked[0] as Promise<boolean>, { message: 'no' })
  await later()
  put[1]?.resolve()
  t.equal(await asked[1], true)
})

t.test('closed, it answers nobody any more and leaves no timer', async (t) => {
  const question = new SharedQuestion(() => new Promise(() => { /* never */ }))
  const waiting = [question.ask(1_000_000), question.ask(1_000_000)]
  question.close()
  t.same(await Promise.all(waiting), [false, false])
  t.equal(question.size, 0)
  t.equal(await question.ask(1_000_000), false)
})
