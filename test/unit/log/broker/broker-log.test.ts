// What a log makes of a broker that behaves, and of one that does not.
import t from 'tap'
import type { Test } from 'tap'
import { BrokerLog } from '../../../../lib/log/broker/broker-log.ts'
import type { BrokerSession } from '../../../../lib/log/broker/broker.ts'
import { Recorder } from '../../../../lib/log/contract/recorder.ts'
import { FakeBroker, FakeSession } from '../../../fixtures/fake-broker.ts'

interface Started { log: BrokerLog, reader: Recorder, broker: FakeBroker }

/** A log whose attempts to connect come to these sessions, one after the other. */
function start (t: Test, ...sessions: BrokerSession[]): Started {
  const broker = new FakeBroker()
  for (const session of sessions) broker.attempts.push(async () => session)
  const log = new BrokerLog(broker, { publishTimeout: 60_000, loadLength: 100 })
  t.teardown(() => log.close())
  const reader = new Recorder()
  log.start(reader)
  return { log, reader, broker }
}

t.test('it begins at most loadLength entries before the end, and has loaded when it is there', async (t) => {
  const session = new FakeSession({ end: 150 })
  const { reader } = start(t, session)
  await reader.until(() => reader.isReachable === true)
  t.same([reader.begun, reader.loads], [[50], 0])
  session.give(...Array.from({ length: 100 }, (_, index) => 51 + index))
  await reader.until(() => reader.loads === 1)
  t.equal(reader.history, 100)
})

t.test('an entry that was read before is dropped, and a hole is lost', async (t) => {
  const session = new FakeSession()
  const { reader } = start(t, session)
  session.give(1, 2, 2, 1, 3)
  session.give(3, 7)
  await reader.until(() => reader.entries.length === 4)
  t.same(reader.events.filter((event) => /entry|lost/.test(event)), [
    'entry 1', 'entry 2', 'entry 3', 'lost 6', 'entry 7'
  ])
})

t.test('when the entries end, another session continues where the last one was', async (t) => {
  const [one, two] = [new FakeSession(), new FakeSession({ end: 1 })]
  const { reader, broker } = start(t, one, two)
  one.give(1)
  await reader.until(() => reader.entries.length === 1)
  one.finish()
  await reader.until(() => reader.events.filter((event) => event === 'reachable').length === 2)
  two.give(2)
  await reader.until(() => reader.entries.length === 2)
  t.same(broker.known, [undefined, { epoch: 'one', position: 1 }])
  t.same([one.isClosed, reader.epochs.length, reader.events.includes('unreachable')], [true, 1, true])
})

t.test('however often it cannot connect, the reader is notified once', async (t) => {
  const { reader, broker, log } = start(t)
  await broker.tried(3)
  t.same(reader.events, ['unreachable'])
  t.equal(log.connected, false)
})

/** A node that has read 1 in epoch one, and then comes upon another session. */
async function startAtOne (t: Test, next: FakeSession): Promise<Started> {
  const one = new FakeSession()
  const started = start(t, one, next)
  one.give(1)
  await started.reader.until(() => started.reader.entries.length === 1)
  one.finish()
  return started
}

/** The events from this one on, without those about reachability. */
function eventsSince (reader: Recorder, event: string): string[] {
  return reader.events.slice(reader.events.indexOf(event)).filter((event) => !event.endsWith('reachable'))
}

t.test('the rest of an epoch is read before the next one begins, and all that is held is read again for newcomers', async (t) => {
  const two = new FakeSession({ epoch: 'two', previous: 'one', start: 3, end: 4 })
  two.give(1, 2, 3, 4)
  const { reader } = await startAtOne(t, two)
  await reader.until(() => reader.entries.length === 4)
  t.same(eventsSince(reader, 'entry 1'), [
    'entry 1', 'entry 2', 'entry 3', 'begin two 3', 'again 1', 'again 2', 'again 3', 'loaded', 'entry 4'
  ])
  t.same(reader.held.map(({ offset }) => offset), [1, 2, 3, 4])
})

t.test('nothing is awaited that the log has lost: neither the rest of an epoch nor the history that is read again', async (t) => {
  for (const [rest, read] of [[2, [2]], [1, []], [0, []]] as const) {
    const two = new FakeSession({ epoch: 'two', previous: 'one', start: 5, previousEnd: rest, end: 5 })
    two.give(...[1, 2].slice(0, rest))
    const { log, reader } = await startAtOne(t, two)
    await reader.until(() => reader.loads === 2)
    await log.catchUp()
    t.same(eventsSince(reader, 'entry 1'), [
      'entry 1',
      ...read.map((offset) => `entry ${offset}`),
      'begin two 5',
      ...[1, 2].slice(0, rest).map((offset) => `again ${offset}`),
      'loaded'
    ])
  }
})

t.test('if the rest of an epoch is gone before it could be read, the next one begins all the same', async (t) => {
  for (const batch of [[], [6]]) {
    const two = new FakeSession({ epoch: 'two', previous: 'one', start: 3, end: 6 })
    two.give(...batch)
    two.give()
    const { reader } = await startAtOne(t, two)
    await reader.until(() => reader.loads === 2)
    t.equal(reader.epoch, 'two')
    t.same(reader.begun, [0, 3])
    await reader.until(() => reader.entries.length === 1 + batch.length)
  }
})

t.test('what the log no longer holds at the beginning of an epoch is not part of the history', async (t) => {
  const two = new FakeSession({ epoch: 'two', previous: 'one', start: 3, previousEnd: 0, trimmedTo: 4, end: 5 })
  two.give(5)
  const { reader } = await startAtOne(t, two)
  await reader.until(() => reader.entries.length === 2)
  t.same(eventsSince(reader, 'begin two 4'), ['begin two 4', 'entry 5'])
})

t.test('no more of the epochs before is read again than a node reads when it starts', async (t) => {
  const two = new FakeSession({ epoch: 'two', previous: 'one', start: 150, end: 160 })
  two.give(...Array.from({ length: 160 }, (_, index) => 1 + index).filter((offset) => offset <= 1 || offset > 60))
  const { reader } = await startAtOne(t, two)
  await reader.until(() => reader.entries.at(-1)?.offset === 160)
  t.same([reader.held.at(0)?.offset, reader.begun], [61, [0, 150]])
})

t.test('a node that starts after an epoch has begun loads what is held of those before as history', async (t) => {
  const two = new FakeSession({ epoch: 'two', previous: 'one', start: 5, previousEnd: 2, end: 7 })
  two.give(1, 2, 6, 7)
  const { reader } = start(t, two)
  await reader.until(() => reader.loads === 1)
  t.same(eventsSince(reader, 'begin two 5'), ['begin two 5', 'entry 1', 'entry 2', 'entry 6', 'entry 7', 'loaded'])
})

t.test('a hole in the history between two batches may have been trimmed, and what lies before it is lost', async (t) => {
  const two = new FakeSession({ epoch: 'two', start: 9, previousEnd: 8, end: 9 })
  for (const batch of [[1, 2], [6, 8]]) two.give(...batch)
  const { reader } = start(t, two)
  await reader.until(() => reader.loads === 1)
  t.same([reader.lostUpTo, reader.held.map(({ offset }) => offset)], [[5], [6, 8]])
})

t.test('a broker that has fewer entries than it said has loaded when there are no more', async (t) => {
  const session = new FakeSession({ end: 3 })
  session.give(1)
  session.give()
  const { reader } = start(t, session)
  await reader.until(() => reader.loads === 1)
  t.equal(reader.history, 1)
})

t.test('a session is refused if its epoch, or the one before, has another form', async (t) => {
  for (const wrong of [
    { epoch: 'x\nredis.call("SET", "a", "b")\n--' },
    { epoch: '' },
    { epoch: 'x'.repeat(65) },
    { epoch: 'a-b' },
    { previous: '"' }
  ]) {
    const session = new FakeSession(wrong)
    const { reader, broker } = start(t, session)
    await broker.tried(2)
    t.same([session.isClosed, reader.epochs, reader.events], [true, [], ['unreachable']])
  }
})

t.test('entries that no node can have appended are skipped and reported, and nothing is lost', async (t) => {
  const session = new FakeSession()
  const { log, reader } = start(t, session)
  const good = { channel: 'a', data: '1' }
  session.giveAll({ offset: 1, ...good }, {
    offset: 2, foreign: 'other fields'
  }, { offset: 3, channel: 'a', data: '{' }, { offset: 4, channel: 'a\n', data: '1' }, { offset: 5, ...good })
  await reader.until(() => reader.entries.length === 2)
  session.now = { epoch: 'one', end: 5 }
  await log.catchUp()
  t.same([reader.entries.map(({ offset }) => offset), reader.lostUpTo], [[1, 5], []])
  t.match(reader.foreignReasons, ['other fields', /no JSON/, /the channel is/])
})

t.test('an epoch that does not follow the one that was read begins immediately', async (t) => {
  const [one, two] = [new FakeSession(), new FakeSession({ epoch: 'three', previous: 'two', start: 3, end: 3 })]
  const { reader } = start(t, one, two)
  one.give(1)
  await reader.until(() => reader.entries.length === 1)
  one.finish()
  await reader.until(() => reader.epochs.length === 2)
  t.same([reader.epochs, reader.begun], [['one', 'three'], [0, 3]])
})

t.test('catching up notices another epoch, and ends the session', async (t) => {
  const [one, two] = [new FakeSession(), new FakeSession({ epoch: 'two' })]
  const { log, reader } = start(t, one, two)
  await reader.until(() => reader.isReachable === true)
  one.now = { epoch: 'two', end: 0 }
  await log.catchUp()
  t.same([one.isClosed, reader.epochs], [true, ['one', 'two']])
})

t.test('a session that opens after the log was closed is closed as well', async (t) => {
  const session = new FakeSession()
  let connect = (): void => { /* set below */ }
  const broker = new FakeBroker()
  broker.attempts.push(() => new Promise((resolve) => { connect = () => { resolve(session) } }))
  const log = new BrokerLog(broker, { publishTimeout: 60_000, loadLength: 100 })
  const reader = new Recorder()
  log.start(reader)
  const closed = log.close()
  await new Promise(setImmediate)
  connect()
  await closed
  t.same([session.isClosed, reader.events], [true, []])
})
