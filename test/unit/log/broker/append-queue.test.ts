import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { COMET_ERR_LOG_REFUSED } from '../../../../lib/errors.ts'
import { Outbox } from '../../../../lib/log/broker/append-queue.ts'
import { FakeSession } from '../../../fixtures/fake-broker.ts'

const LONG = 2 ** 30

function create (timeout = LONG): { outbox: Outbox, session: FakeSession, failed: unknown[] } {
  const failed: unknown[] = []
  const outbox = new Outbox(timeout, (session, error) => { failed.push(session, error) })
  return { outbox, session: new FakeSession(), failed }
}

const answer = async ({ number }: { number: number }) => ({ epoch: 'one', offset: number, isNew: true })

t.test('what is sent goes over the session at once, and resolves with its answer', async (t) => {
  const { outbox, session } = create()
  outbox.connect(session)
  session.answer = answer
  const sent = outbox.send('a', '1', 'k')
  t.same(session.records, [{ number: 1, channel: 'a', data: '1', key: 'k' }])
  t.equal(outbox.size, 1)
  t.match(await sent, { offset: 1 })
  t.equal(outbox.size, 0)
  await outbox.close(0)
})

t.test('without a session it is held, and sent in order once there is one', async (t) => {
  const { outbox, session } = create()
  session.answer = answer
  const sent = Promise.all([1, 2, 3].map((i) => outbox.send('a', String(i), undefined)))
  outbox.connect(session)
  await sent
  t.same(session.records.map(({ number, data }) => [number, data]), [[1, '1'], [2, '2'], [3, '3']])
  await outbox.close(0)
})

t.test('what a session has not answered is sent over the next one, first', async (t) => {
  const { outbox, session } = create()
  const next = new FakeSession()
  next.answer = answer
  outbox.connect(session)
  const first = outbox.send('a', '1', undefined)
  outbox.disconnect('gone')
  const second = outbox.send('a', '2', undefined)
  outbox.connect(next)
  await Promise.all([first, second])
  t.same(session.records.map(({ number }) => number), [1])
  t.same(next.records.map(({ number }) => number), [1, 2])
  await outbox.close(0)
})

t.test('a record that is refused rejects, and the session is none the worse for it', async (t) => {
  const { outbox, session, failed } = create()
  session.answer = () => Promise.reject(new COMET_ERR_LOG_REFUSED('full'))
  outbox.connect(session)
  await t.rejects(outbox.send('a', '1', undefined), { code: 'COMET_ERR_LOG_REFUSED' })
  t.same([failed, outbox.size], [[], 0])
  await outbox.close(0)
})

t.test('any other error is the end of the session, and the record waits for another one', async (t) => {
  const { outbox, session, failed } = create()
  session.answer = () => Promise.reject(new Error('broken'))
  outbox.connect(session)
  const sent = outbox.send('a', '1', undefined)
  await new Promise(setImmediate)
  t.equal(failed[0], session)
  t.match(failed[1], { message: 'broken' })
  t.equal(outbox.size, 1)
  session.answer = answer
  outbox.connect(session)
  t.match(await sent, { offset: 1 })
  await outbox.close(0)
})

t.test('after its time a record is given up: unavailable if it was never sent, unknown if it was', async (t) => {
  const { outbox, session } = create(1)
  outbox.disconnect('no way')
  await t.rejects(outbox.send('a', '1', undefined), { code: 'COMET_ERR_LOG_UNAVAILABLE', message: /no way/ })
  outbox.connect(session)
  await t.rejects(outbox.send('a', '2', undefined), { code: 'COMET_ERR_LOG_TIMEOUT' })
  t.equal(outbox.size, 0)
  await outbox.close(0)
})

t.test('each has its own time, also where the one before it was answered', async (t) => {
  const { outbox, session } = create(40)
  outbox.connect(session)
  session.answer = answer
  await outbox.send('a', '1', undefined)
  await pause(20)
  session.answer = () => new Promise(() => { /* never */ })
  const since = performance.now()
  await t.rejects(outbox.send('a', '2', undefined), { code: 'COMET_ERR_LOG_TIMEOUT' })
  t.ok(performance.now() - since > 38)
  await outbox.close(0)
})

t.test('no more than 10,000 are held for an engine that is away', async (t) => {
  const { outbox } = create()
  outbox.disconnect('no way')
  const held = Promise.allSettled(Array.from({ length: 10_000 }, () => outbox.send('a', '1', undefined)))
  await t.rejects(outbox.send('a', '1', undefined), { code: 'COMET_ERR_LOG_UNAVAILABLE', message: /no way/ })
  t.equal(outbox.size, 10_000)
  await outbox.close(0)
  t.ok((await held).every((result) => result.status === 'rejected' && result.reason.code === 'COMET_ERR_CLOSED'))
})

t.test('while it is closed, answers that are due still count, and nothing new is taken', async (t) => {
  const { outbox, session } = create()
  let release = (): void => { /* set below */ }
  const gate = new Promise<void>((resolve) => { release = resolve })
  session.answer = async (record) => {
    await gate
    return answer(record)
  }
  outbox.connect(session)
  const sent = outbox.send('a', '1', undefined)
  const closed = outbox.close(LONG)
  await t.rejects(outbox.send('a', '2', undefined), { code: 'COMET_ERR_CLOSED' })
  release()
  await closed
  t.match(await sent, { offset: 1 })
})

t.test('what has no answer in time when it is closed is given up', async (t) => {
  const { outbox, session } = create()
  outbox.connect(session)
  const sent = t.rejects(outbox.send('a', '1', undefined), { code: 'COMET_ERR_CLOSED' })
  await outbox.close(1)
  await sent
})
