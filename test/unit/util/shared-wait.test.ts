import t from 'tap'
import { SharedWait } from '../../../lib/util/shared-wait.ts'

/** A wait whose operations the test ends. */
function create (): { shared: SharedWait, started: { resolve: () => void, reject: (error: Error) => void }[] } {
  const started: { resolve: () => void, reject: (error: Error) => void }[] = []
  return {
    started,
    shared: new SharedWait(() => new Promise((resolve, reject) => {
      started.push({ resolve, reject })
    }))
  }
}

const LONG = 60_000
const nextTick = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

t.test('there is no wait where there is nothing to wait for', async (t) => {
  t.equal(new SharedWait(() => undefined).wait(LONG), undefined)
})

t.test('callers that come while an operation is under way share one that begins afterwards', async (t) => {
  const { shared, started } = create()
  const first = shared.wait(LONG)
  const others = Array.from({ length: 1000 }, () => shared.wait(LONG))
  started[0]?.resolve()
  t.equal(await first, true)
  await nextTick()
  t.equal(started.length, 2)
  started[1]?.resolve()
  t.same(new Set(await Promise.all(others)), new Set([true]))
  const last = shared.wait(LONG)
  t.equal(started.length, 3)
  started[2]?.resolve()
  t.equal(await last, true)
})

t.test('a caller that times out is answered with false, and no operation is started for it', async (t) => {
  const { shared, started } = create()
  const waits = [shared.wait(1), shared.wait(1), shared.wait(1)]
  t.same(await Promise.all(waits), [false, false, false])
  started[0]?.resolve()
  await nextTick()
  t.equal(started.length, 1)
})

t.test('a caller that times out leaves nothing behind', async (t) => {
  const { shared } = create()
  const waits = Array.from({ length: 100 }, () => shared.wait(1))
  t.equal(shared.size, 100)
  await Promise.all(waits)
  t.equal(shared.size, 0)
})

t.test('an operation that fails, fails only for those who share it', async (t) => {
  const { shared, started } = create()
  const waits = [shared.wait(LONG), shared.wait(LONG)] as const
  started[0]?.reject(new Error('no'))
  await t.rejects(waits[0] as Promise<boolean>, { message: 'no' })
  await nextTick()
  started[1]?.resolve()
  t.equal(await waits[1], true)
})

t.test('a caller that waits again as soon as it is notified shares the operation of those that waited meanwhile', async (t) => {
  const { shared, started } = create()
  const first = shared.wait(LONG)?.then(() => shared.wait(LONG))
  const second = shared.wait(LONG)
  started[0]?.resolve()
  await nextTick()
  t.equal(started.length, 2)
  started[1]?.resolve()
  t.equal(await second, true)
  await nextTick()
  started[2]?.resolve()
  t.equal(await first, true)
})

t.test('after close() every caller is answered with false, and no timer is left', async (t) => {
  const shared = new SharedWait(() => new Promise(() => { /* never */ }))
  const waiting = [shared.wait(1_000_000), shared.wait(1_000_000)]
  shared.close()
  t.same(await Promise.all(waiting), [false, false])
  t.equal(shared.size, 0)
  t.equal(await shared.wait(1_000_000), false)
})
