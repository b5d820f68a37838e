import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { COMET_ERR_LOG_REFUSED } from '../../../../lib/errors.ts'
import { AppendQueue } from '../../../../lib/log/broker/append-queue.ts'
import { FakeSession } from '../../../fixtures/fake-broker.ts'

const LONG = 2 ** 30

function create (timeout = LONG): { queue: AppendQueue, session: FakeSession, failed: unknown[] } {
  const failed: unknown[] = []
  const queue = new AppendQueue(timeout, (session, error) => { failed.push(session, error) })
  return { queue, session: new FakeSession(), failed }
}

const answer = async ({ number }: { number: number }) => ({ epoch: 'one', offset: number, isNew: true })

t.test('a record goes over the session immediately, and resolves with its answer', async (t) => {
  const { queue, session } = create()
  queue.connect(session)
  session.answer = answer
  const sent = queue.send('a', '1', 'k')
  t.same(session.records, [{ number: 1, channel: 'a', data: '1', key: 'k' }])
  t.equal(queue.size, 1)
  t.match(await sent, { offset: 1 })
  t.equal(queue.size, 0)
  await queue.close(0)
})

t.test('without a session records are held, and sent in order once there is one', async (t) => {
  const { queue, session } = create()
  session.answer = answer
  const sent = Promise.all([1, 2, 3].map((i) => queue.send('a', String(i), undefined)))
  queue.connect(session)
  await sent
  t.same(session.records.map(({ number, data }) => [number, data]), [[1, '1'], [2, '2'], [3, '3']])
  await queue.close(0)
})

t.test('records that a session has not answered are sent over the next one, first', async (t) => {
  const { queue, session } = create()
  const next = new FakeSession()
  next.answer = answer
  queue.connect(session)
  const first = queue.send('a', '1', undefined)
  queue.disconnect('gone')
  const second = queue.send('a', '2', undefined)
  queue.connect(next)
  await Promise.all([first, second])
  t.same(session.records.map(({ number }) => number), [1])
  t.same(next.records.map(({ number }) => number), [1, 2])
  await queue.close(0)
})

t.test('a record that is refused rejects, and the session stays', async (t) => {
  const { queue, session, failed } = create()
  session.answer = () => Promise.reject(new COMET_ERR_LOG_REFUSED('full'))
  queue.connect(session)
  await t.rejects(queue.send('a', '1', undefined), { code: 'COMET_ERR_LOG_REFUSED' })
  t.same([failed, queue.size], [[], 0])
  await queue.close(0)
})

t.test('any other error ends the session, and the record waits for another one', async (t) => {
  const { queue, session, failed } = create()
  session.answer = () => Promise.reject(new Error('broken'))
  queue.connect(session)
  const sent = queue.send('a', '1', undefined)
  await new Promise(setImmediate)
  t.equal(failed[0], session)
  t.match(failed[1], { message: 'broken' })
  t.equal(queue.size, 1)
  session.answer = answer
  queue.connect(session)
  t.match(await sent, { offset: 1 })
  await queue.close(0)
})

t.test('after its timeout a record rejects: as unavailable if it was never sent, as unanswered if it was', async (t) => {
  const { queue, session } = create(1)
  queue.disconnect('no way')
  await t.rejects(queue.send('a', '1', undefined), { code: 'COMET_ERR_LOG_UNAVAILABLE', message: /no way/ })
  queue.connect(session)
  await t.rejects(queue.send('a', '2', undefined), { code: 'COMET_ERR_LOG_TIMEOUT' })
  t.equal(queue.size, 0)
  await queue.close(0)
})

t.test('each record has its own timeout, also if the one before it was answered', async (t) => {
  const { queue, session } = create(40)
  queue.connect(session)
  session.answer = answer
  await queue.send('a', '1', undefined)
  await pause(20)
  session.answer = () => new Promise(() => { /* never */ })
  const since = performance.now()
  await t.rejects(queue.send('a', '2', undefined), { code: 'COMET_ERR_LOG_TIMEOUT' })
  t.ok(performance.now() - since > 38)
  await queue.close(0)
})

t.test('no more than 10,000 records are held while the broker is away', async (t) => {
  const { queue } = create()
  queue.disconnect('no way')
  const held = Promise.allSettled(Array.from({ length: 10_000 }, () => queue.send('a', '1', undefined)))
  await t.rejects(queue.send('a', '1', undefined), { code: 'COMET_ERR_LOG_UNAVAILABLE', message: /no way/ })
  t.equal(queue.size, 10_000)
  await queue.close(0)
  t.ok((await held).every((result) => result.status === 'rejected' && result.reason.code === 'COMET_ERR_CLOSED'))
})

t.test('while the queue is closing, answers still count, and new records are refused', async (t) => {
  const { queue, session } = create()
  let release = (): void => { /* set below */ }
  const gate = new Promise<void>((resolve) => { release = resolve })
  session.answer = async (record) => {
    await gate
    return answer(record)
  }
  queue.connect(session)
  const sent = queue.send('a', '1', undefined)
  const closed = queue.close(LONG)
  await t.rejects(queue.send('a', '2', undefined), { code: 'COMET_ERR_CLOSED' })
  release()
  await closed
  t.match(await sent, { offset: 1 })
})

t.test('records without an answer when the queue has closed reject', async (t) => {
  const { queue, session } = create()
  queue.connect(session)
  const sent = t.rejects(queue.send('a', '1', undefined), { code: 'COMET_ERR_CLOSED' })
  await queue.close(1)
  await sent
})
