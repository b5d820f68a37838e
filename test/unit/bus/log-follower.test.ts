import t, { type Test } from 'tap'
import { Bus } from '../../../lib/bus/bus.ts'
import { FakeLog } from '../../fixtures/fake-log.ts'
import { Inbox, parsed } from '../../fixtures/bus.ts'
import type { CometOptions } from '../../../lib/plugin/options.ts'

interface Followed { bus: Bus, log: FakeLog, inbox: Inbox, events: unknown[] }

/** A bus that follows a log which does what the test says, with a receiver on channel `a`. */
function follow (t: Test, log = new FakeLog(), given: CometOptions = {}): Followed {
  const events: unknown[] = []
  const note = (name: string) => (...values: unknown[]): void => { events.push([name, ...values]) }
  const bus = new Bus(log, parsed(given), {
    onControlMessage: note('control'),
    onLost: note('lost'),
    onForeign: note('foreign'),
    onReachable: note('reachable'),
    onError: note('error'),
    onFault: t.threw
  })
  t.teardown(() => bus.close())
  const inbox = new Inbox()
  bus.subscribe(['a']).attach(inbox)
  return { bus, log, inbox, events }
}

t.test('entries are retained and delivered', async (t) => {
  const { bus, log, inbox } = follow(t)
  const id = log.add('a', 1)
  bus.flush()
  t.same([inbox.data, bus.cursor, bus.history.messages], [[1], id, 1])
})

t.test('what the log contained before is history, delivered to nobody', async (t) => {
  const log = new FakeLog(false)
  const { bus, inbox } = follow(t, log)
  log.begin('one', 0)
  log.add('a', 1)
  bus.flush()
  t.ok(bus.loading instanceof Promise)
  log.reader.loaded()
  t.equal(bus.loading, undefined)
  log.add('a', 2)
  bus.flush()
  t.same([inbox.data, bus.history.messages], [[2], 2])
})

t.test('entries of earlier epochs are history too', async (t) => {
  const { bus, log, inbox } = follow(t)
  log.begin('two', 0, 2)
  log.add('a', 1)
  log.add('a', 2)
  log.reader.loaded()
  log.add('a', 3)
  bus.flush()
  t.same([inbox.restarts, inbox.data, bus.history.messages], [1, [3], 3])
})

t.test('a control message is passed on after everything before it was delivered, and retained nowhere', async (t) => {
  const { bus, log, inbox, events } = follow(t)
  log.add('a', 1)
  log.add('', { any: 'thing' })
  t.same([inbox.data, events, bus.history.messages], [[1], [['control', '{"any":"thing"}']], 1])
})

t.test('a node that starts acts on the control messages of the last minute', async (t) => {
  const log = new FakeLog(false)
  const { events } = follow(t, log)
  log.begin('one', 0)
  for (const age of [61_000, 59_000]) log.add('', age, Date.now() - age)
  log.add('', 'now')
  log.reader.loaded()
  t.same(events, [['control', '59000'], ['control', '"now"']])
})

t.test('also on those of earlier epochs, unless it had loaded its history before', async (t) => {
  const log = new FakeLog(false)
  const { events } = follow(t, log)
  log.begin('one', 0, 2)
  log.add('', 1)
  log.reader.loaded()
  log.begin('two', 0, 2)
  log.add('', 2)
  t.same(events, [['control', '1'], ['lost']])
})

t.test('a loss is a gap for all, and reported', async (t) => {
  const { bus, log, inbox, events } = follow(t)
  log.lose(5)
  t.same(inbox.frames, [{ type: 'gap', channels: ['a'], reason: 'evicted', cursor: bus.toCursor(5) }])
  t.same(events, [['lost']])
})

t.test('a loss before the origin of the epoch is no gap, but there is no history either', async (t) => {
  const { bus, log, inbox, events } = follow(t)
  log.begin('two', 0, 5)
  log.add('a', 1)
  events.length = 0
  log.reader.lost(3)
  t.same([bus.history.messages, inbox.batches.length, events], [0, 0, []])
})

t.test('a message of another node that a limit refuses is a gap, and reported', async (t) => {
  const refusal = new Error('no')
  let isBroken = false
  const historySize = (): number => {
    if (isBroken) throw refusal
    return 10
  }
  const { bus, log, events } = follow(t, new FakeLog(), { historySize })
  isBroken = true
  log.add('b', 1)
  isBroken = false
  t.same(events, [['error', refusal]])
  t.equal(bus.history.channel('b').evicted, 1)
})

t.test('says what the log says', async (t) => {
  const { log, events } = follow(t)
  log.reader.foreign?.('odd')
  log.reader.reachable(false, 'away')
  t.same(events, [['foreign', 'odd'], ['reachable', false, 'away']])
})

t.test('a cursor that is known, or none, needs no waiting', async (t) => {
  const { bus } = follow(t)
  for (const cursor of [undefined, 'earliest', bus.cursor]) t.equal(bus.resolve(cursor, 10), undefined)
})

t.test('a cursor that is unknown waits until everything in the log has been read', async (t) => {
  const { bus, log } = follow(t)
  t.equal(bus.resolve('one-7', 10), undefined, 'there is nothing to read')
  let isRead: () => void = () => {}
  log.catchUp = () => new Promise((resolve) => { isRead = resolve })
  const resolved = bus.resolve('one-7', 1000)
  isRead()
  t.equal(await resolved, true)
  t.equal(await bus.resolve('one-8', 5), false, 'not in time')
})

t.test('all cursors wait until the history is loaded', async (t) => {
  const log = new FakeLog(false)
  const { bus } = follow(t, log)
  log.begin('one', 0)
  const late = bus.resolve(undefined, 5)
  const resolved = bus.resolve(undefined, 1000)
  t.equal(await late, false)
  log.reader.loaded()
  t.equal(await resolved, true)
})

t.test('a log may take its handler apart', async (t) => {
  class Wrapper extends FakeLog {
    override start (reader: FakeLog['reader']): void {
      super.start({ ...reader })
    }
  }
  const { bus, log, inbox } = follow(t, new Wrapper())
  log.add('a', 1)
  bus.flush()
  t.same(inbox.data, [1])
})
