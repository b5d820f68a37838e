// What a log makes of an engine that behaves, and of one that does not.
import t from 'tap'
import type { Test } from 'tap'
import { BrokerLog } from '../../lib/log/broker-log.ts'
import type { BrokerSession } from '../../lib/log/broker.ts'
import { Recorder } from '../../lib/testing/recorder.ts'
import { FakeBroker, FakeSession } from '../fixtures/fake-broker.ts'

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

t.test('it begins so many entries before the end, and has loaded when it is there', async (t) => {
  const session = new FakeSession({ end: 150 })
  const { reader } = start(t, session)
  await reader.until(() => reader.isReachable === true)
  t.same([reader.begun, reader.loads], [[50], 0])
  session.give(...Array.from({ length: 100 }, (_, index) => 51 + index))
  await reader.until(() => reader.loads === 1)
  t.equal(reader.history, 100)
})

t.test('an entry that was read before is dropped, and a hole is told as lost', async (t) => {
  const session = new FakeSession()
  const { reader } = start(t, session)
  session.give(1, 2, 2, 1, 3)
  session.give(3, 7)
  await reader.until(() => reader.entries.length === 4)
  t.same(reader.told.filter((event) => /entry|lost/.test(event)), ['entry 1', 'entry 2', 'entry 3', 'lost 6', 'entry 7'])
})

t.test('entries that end are an engine that is away: another session goes on where it was', async (t) => {
  const [one, two] = [new FakeSession(), new FakeSession({ end: 1 })]
  const { reader, broker } = start(t, one, two)
  one.give(1)
  await reader.until(() => reader.entries.length === 1)
  one.finish()
  await reader.until(() => reader.told.filter((event) => event === 'reachable').length === 2)
  two.give(2)
  await reader.until(() => reader.entries.length === 2)
  t.same(broker.known, [undefined, { epoch: 'one', position: 1 }])
  t.same([one.isClosed, reader.epochs.length, reader.told.includes('unreachable')], [true, 1, true])
})

t.test('however often it cannot connect, that is told once', async (t) => {
  const { reader, broker, log } = start(t)
  await broker.tried(3)
  t.same(reader.told, ['unreachable'])
  t.equal(log.connected, false)
})

t.test('the rest of the last epoch is read before the next one begins', async (t) => {
  const [one, two] = [new FakeSession(), new FakeSession({ epoch: 'two', previous: 'one', start: 3, end: 4 })]
  const { reader } = start(t, one, two)
  one.give(1)
  await reader.until(() => reader.entries.length === 1)
  one.finish()
  two.give(2, 3, 4)
  await reader.until(() => reader.entries.length === 4)
  t.same(reader.told.filter((event) => /begin|entry/.test(event)), ['begin one 0', 'entry 1', 'entry 2', 'entry 3', 'begin two 3', 'entry 4'])
})

t.test('where the rest of the last epoch is missing, the next one begins all the same', async (t) => {
  const [one, two] = [new FakeSession(), new FakeSession({ epoch: 'two', previous: 'one', start: 3, end: 5 })]
  const { reader } = start(t, one, two)
  one.give(1)
  await reader.until(() => reader.entries.length === 1)
  one.finish()
  two.give(5)
  await reader.until(() => reader.entries.length === 2)
  t.same(reader.told.filter((event) => /begin|entry|lost/.test(event)), ['begin one 0', 'entry 1', 'begin two 3', 'lost 4', 'entry 5'])
})

t.test('an epoch that does not follow upon the one that was read begins at once', async (t) => {
  const [one, two] = [new FakeSession(), new FakeSession({ epoch: 'three', previous: 'two', start: 3, end: 3 })]
  const { reader } = start(t, one, two)
  one.give(1)
  await reader.until(() => reader.entries.length === 1)
  one.finish()
  await reader.until(() => reader.epochs.length === 2)
  t.same([reader.epochs, reader.begun], [['one', 'three'], [0, 3]])
})

t.test('who catches up learns of another epoch, and with it of the end of the session', async (t) => {
  const [one, two] = [new FakeSession(), new FakeSession({ epoch: 'two' })]
  const { log, reader } = start(t, one, two)
  await reader.until(() => reader.isReachable === true)
  one.now = { epoch: 'two', end: 0 }
  await log.catchUp()
  t.same([one.isClosed, reader.epochs], [true, ['one', 'two']])
})

t.test('a session that comes when the log has been closed is closed as well', async (t) => {
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
  t.same([session.isClosed, reader.told], [true, []])
})
