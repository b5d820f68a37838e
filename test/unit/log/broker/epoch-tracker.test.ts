import t from 'tap'
import type { ForeignEntry, LogState } from '../../../../lib/log/broker/broker.ts'
import { EpochTracker, type Step } from '../../../../lib/log/broker/epoch-tracker.ts'
import type { LogEntry } from '../../../../lib/log/message-log.ts'
import { fakeState } from '../../../fixtures/fake-broker.ts'

const LOAD_LENGTH = 100

/** A session resumes, a batch of entries arrives (by their offsets), or there are no more for now. */
type Event = Partial<LogState> | (number | ForeignEntry)[] | 'no more'

/** What is passed to a tracker, and the steps that come of it. */
type Row = readonly [event: Event, ...steps: string[]]

const NEW: Row[] = [[{}, 'begin one 0', 'loaded']]
/** A node that has read 1 and 2 in epoch one. */
const AT_TWO: Row[] = [...NEW, [[1, 2], 'entry 1', 'entry 2']]
/** A node that was to load 1 to 4 in epoch one, and has read 1 and 2. */
const LOADING: Row[] = [[{ end: 4 }, 'begin one 0'], [[1, 2], 'entry 1', 'entry 2']]
const foreign = (offset: number): ForeignEntry => ({ offset, foreign: `bad ${offset}` })

const CASES: Record<string, Row[]> = {
  // resume
  'a new node: an empty log is loaded immediately': NEW,
  'a new node: the history is loaded at the end of the log': [
    [{ end: 2 }, 'begin one 0'], [[1], 'entry 1'], [[2], 'entry 2', 'loaded']
  ],
  'a new node: at most loadLength entries before the end': [[{ end: 150 }, 'begin one 50']],
  'a new node: a long log with few entries is loaded from the oldest': [
    [{ trimmedTo: 10, end: 150, length: 40 }, 'begin one 10']
  ],
  'a new node: an epoch that follows others is loaded with what is held of those': [
    [{ epoch: 'two', previous: 'one', start: 5, previousEnd: 2, end: 7 }, 'begin two 0..5'],
    [[1, 2, 6], 'entry 1', 'entry 2', 'entry 6'],
    [[7], 'entry 7', 'loaded']
  ],
  'a new node: nothing is awaited that lies between the end of the epochs before and the beginning of this one': [
    [{ start: 5, previousEnd: 2, end: 5 }, 'begin one 0..5'], [[1, 2], 'entry 1', 'entry 2', 'loaded']
  ],
  'a new node: an epoch that has lost those before it has no history': [
    [{ start: 5, previousEnd: 0, end: 5 }, 'begin one 0..5', 'loaded']
  ],
  'the same epoch: it continues': [...AT_TWO, [{ end: 3 }], [[3], 'entry 3']],
  'the same epoch: trimmed up to the position, it continues': [...AT_TWO, [{ trimmedTo: 2, end: 3 }], [[3], 'entry 3']],
  'the same epoch: trimmed beyond the position, entries are lost': [
    ...AT_TWO, [{ trimmedTo: 5, end: 6 }, 'lost 5'], [[6], 'entry 6']
  ],
  'the same epoch: what was to be loaded, and is trimmed, is not awaited': [
    ...LOADING, [{ trimmedTo: 4, end: 4 }, 'lost 4', 'loaded']
  ],
  'another epoch: it begins, and the history is read again for newcomers': [
    ...AT_TWO, [{ epoch: 'two', start: 2, end: 3 }, 'begin two 0..2'], [
      [1, 2, 3], 'entry 1', 'entry 2', 'loaded', 'entry 3'
    ]
  ],
  'another epoch: no more of the history is read again than a new node loads': [
    ...AT_TWO, [{ epoch: 'two', start: 150, end: 160 }, 'begin two 60..150']
  ],
  'another epoch: the whole of it is read, also if it is long': [
    ...AT_TWO, [{ epoch: 'two', start: 2, trimmedTo: 2, end: 500 }, 'begin two 2'], [[3], 'entry 3']
  ],
  'another epoch: where nothing of the history is held, none is awaited': [
    ...AT_TWO, [{ epoch: 'two', start: 3, previousEnd: 0, trimmedTo: 4, end: 5 }, 'begin two 4'], [[5], 'entry 5']
  ],
  'another epoch, while loading: as for a new node': [
    ...LOADING, [{ epoch: 'two', start: 4, end: 200 }, 'begin two 100'], [[101], 'entry 101']
  ],
  'another epoch, while reading the history again: it is read again from there, and loaded once': [
    ...AT_TWO,
    [{ epoch: 'two', start: 2, end: 2 }, 'begin two 0..2'],
    [{ epoch: 'three', start: 2, trimmedTo: 2, end: 2 }, 'begin three 2', 'loaded']
  ],
  // accept
  'an entry that was read before is dropped': [...AT_TWO, [[1, 2, 2, 3], 'entry 3']],
  'a hole is lost': [...AT_TWO, [[6, 7], 'lost 5', 'entry 6', 'entry 7']],
  'a hole in a batch of this epoch is lost': [...AT_TWO, [[3, 7], 'entry 3', 'lost 6', 'entry 7']],
  'a hole in a batch of earlier epochs was never filled': [
    [{ start: 9, previousEnd: 8, end: 9 }, 'begin one 0..9'], [[1, 5, 8], 'entry 1', 'entry 5', 'entry 8', 'loaded']
  ],
  'a hole between two batches of earlier epochs may have been trimmed': [
    [{ start: 9, previousEnd: 8, end: 9 }, 'begin one 0..9'], [[1, 2], 'entry 1', 'entry 2'], [
      [6, 8], 'lost 5', 'entry 6', 'entry 8', 'loaded'
    ]
  ],
  'a hole beyond the beginning of the epoch ends its history, and is lost': [
    [{ start: 5, previousEnd: 2, end: 5 }, 'begin one 0..5'], [[8], 'lost 5', 'loaded', 'lost 7', 'entry 8']
  ],
  'a foreign entry in place of the next one is skipped': [...AT_TWO, [[foreign(3), 4], 'skip bad 3', 'entry 4']],
  'a foreign entry elsewhere says nothing about what lies before it': [
    ...AT_TWO, [[foreign(9)], 'skip bad 9'], [[3], 'entry 3']
  ],
  'a foreign entry of the history completes it': [[{ end: 1 }, 'begin one 0'], [[foreign(1)], 'skip bad 1', 'loaded']],
  // exhaust
  'no more entries: the history is complete, whatever the log said it had': [
    ...LOADING, ['no more', 'loaded'], [[3], 'entry 3']
  ],
  'no more entries: nothing, once the history is complete': [...AT_TWO, ['no more']]
}

for (const [title, rows] of Object.entries(CASES)) {
  t.test(title, async (t) => {
    const tracker = new EpochTracker(LOAD_LENGTH)
    for (const [event, ...steps] of rows) t.same(stepsOf(tracker, event).map(asText), steps, JSON.stringify(event))
  })
}

t.test('hasRest: whether the log still holds entries of the epoch before that the node has not read', async (t) => {
  const two: Partial<LogState> = { epoch: 'two', previous: 'one', start: 5, previousEnd: 4, end: 5 }
  const cases: [given: Partial<LogState>, hasRest: boolean][] = [
    [two, true],
    [{ ...two, trimmedTo: 2 }, true],
    [{ ...two, trimmedTo: 3 }, false],
    [{ ...two, previousEnd: 2 }, false],
    [{ ...two, previous: 'zero' }, false],
    [{ end: 5 }, false]
  ]
  for (const [given, hasRest] of cases) {
    const tracker = new EpochTracker(LOAD_LENGTH)
    t.equal(tracker.hasRest(fakeState(given)), false, 'a new node has read nothing')
    for (const [event] of AT_TWO) stepsOf(tracker, event)
    t.equal(tracker.hasRest(fakeState(given)), hasRest, JSON.stringify(given))
  }
})

t.test('known: epoch and position, once there is one', async (t) => {
  const tracker = new EpochTracker(LOAD_LENGTH)
  t.equal(tracker.known, undefined)
  for (const [event] of AT_TWO) stepsOf(tracker, event)
  t.same(tracker.known, { epoch: 'one', position: 2 })
})

function stepsOf (tracker: EpochTracker, event: Event): Step[] {
  if (event === 'no more') return tracker.exhaust()
  if (!Array.isArray(event)) return tracker.resume(fakeState(event))
  return event.flatMap((entry, index) => tracker.accept(typeof entry === 'number' ? message(entry) : entry, index > 0))
}

function message (offset: number): LogEntry {
  return { offset, channel: 'a', data: String(offset) }
}

function asText (step: Step): string {
  switch (step.type) {
    case 'begin': return `begin ${step.epoch} ${step.position}${step.origin === step.position
      ? ''
      : `..${step.origin}`}`
    case 'entry': return `entry ${step.entry.offset}`
    case 'lost': return `lost ${step.position}`
    case 'skip': return `skip ${step.reason}`
    case 'loaded': return 'loaded'
  }
}
