import t from 'tap'
import { Channel } from '../../../../lib/history/channel.ts'
import { LogPosition } from '../../../../lib/bus/log-position.ts'
import {
  type ReadState, planReplay, planRestart, type ReplayPlan, type Start
} from '../../../../lib/bus/subscription/replay-plan.ts'
import { framesOf, LIMITS, stored } from '../../../fixtures/bus.ts'

function channel (name: string, offsets: readonly number[], evicted: number): Channel {
  const channel = new Channel(name, LIMITS, evicted)
  for (const offset of offsets) channel.retain(stored(channel, offset))
  return channel
}

/** A log of one epoch, read and delivered up to 10; what is retained up to `origin` is of epochs before. */
function state (origin = 0): ReadState {
  const logPosition = new LogPosition()
  logPosition.begin('e', origin)
  logPosition.end = 10
  return { logPosition, position: 10 }
}

// Two channels: of `a` everything up to 2 was evicted, of `b` nothing.
const a = channel('a', [3, 6, 9], 2)
const b = channel('b', [4, 8], 0)

/** A plan as text: the cursor, whether it is resumed, the frames (in brackets if no position), the segments. */
function text ({ cursor, resumed, control, segments }: ReplayPlan): string[] {
  const frames = framesOf({ items: control }).map(({ json, id }) => {
    const frame = JSON.parse(json) as { type: string, reason?: string, channels: string[], cursor: string }
    const parts = [frame.type, frame.reason, frame.channels.join(), frame.cursor]
    const named = parts.filter((part) => part !== undefined).join(' ')
    return id === undefined ? `(${named})` : named
  })
  const stretches = segments.map(({ kind, channels, from, to, startOffsets, joining }) => {
    const starts = [...startOffsets ?? []].map(([channel, start]) => `${channel.name} after ${start}`)
    const end = joining === undefined ? [] : [`joined ${joining.map(({ name }) => name).join()}`]
    return [`${kind} ${channels.map(({ name }) => name).join()} ${from}-${to}`, ...starts, ...end].join(', ')
  })
  return [`${resumed ? 'resumed ' : ''}${cursor}`, ...frames, ...stretches]
}

interface Row {
  name: string
  start: Partial<Omit<Start, 'history'>> & { history?: Record<string, number> }
  log?: ReadState
  maxJoinBytes?: number
  plan: string[]
}

const rows: Row[] = [
  { name: 'no cursor: from now', start: {}, plan: ['e-10', 'live a,b 10-Infinity'] },
  {
    name: 'history: the last messages of each channel',
    start: { history: { a: 2, b: 1 } },
    plan: ['e-5', 'live a,b 5-Infinity']
  },
  {
    name: 'history: a channel that starts later than the position has a start offset',
    start: { history: { a: 1, b: 2 } },
    plan: ['e-3', 'live a,b 3-Infinity, a after 6']
  },
  {
    name: 'history of one channel: the others start now',
    start: { history: { a: 1 } },
    plan: ['e-8', 'live a,b 8-Infinity']
  },
  { name: 'history, none wanted: from now', start: { history: { a: 0 } }, plan: ['e-10', 'live a,b 10-Infinity'] },
  { name: 'earliest: all that is retained', start: { cursor: 'earliest' }, plan: ['e-2', 'live a,b 2-Infinity'] },
  {
    name: 'earliest: also what is retained of earlier epochs',
    start: { cursor: 'earliest' },
    log: state(5),
    plan: ['e-2', 'live a,b 2-Infinity']
  },
  { name: 'known cursor: from it on', start: { cursor: 'e-7' }, plan: ['resumed e-7', 'live a,b 7-Infinity'] },
  {
    name: 'known cursor, history is ignored',
    start: { cursor: 'e-7', history: { a: 3 } },
    plan: ['resumed e-7', 'live a,b 7-Infinity']
  },
  {
    name: 'known cursor before what was evicted: reading finds the gap',
    start: { cursor: 'e-1' },
    plan: ['resumed e-1', 'live a,b 1-Infinity']
  },
  {
    name: 'cursor of another epoch: a gap, then all that is retained',
    start: { cursor: 'other-7' },
    plan: ['other-7', 'gap restarted a,b e-2', 'live a,b 2-Infinity']
  },
  {
    name: 'cursor of another epoch: nothing of earlier epochs',
    start: { cursor: 'other-7' },
    log: state(5),
    plan: ['other-7', 'gap restarted a,b e-5', 'live a,b 5-Infinity']
  },
  {
    name: 'cursor ahead of the log is of another epoch',
    start: { cursor: 'e-11' },
    plan: ['e-11', 'gap restarted a,b e-2', 'live a,b 2-Infinity']
  },
  {
    name: 'join with a known cursor: history, what was missed, live',
    start: { cursor: 'e-5', join: new Set(['b']), history: { b: 1 } },
    plan: ['resumed e-5', 'history b 0-10, b after 4', 'missed a 5-10, joined b', 'live a,b 10-Infinity']
  },
  {
    name: 'join without history',
    start: { cursor: 'e-5', join: new Set(['b']) },
    plan: ['resumed e-5', 'history b 0-10, b after 8', 'missed a 5-10, joined b', 'live a,b 10-Infinity']
  },
  {
    name: 'join with a cursor of another epoch: the gap is no position',
    start: { cursor: 'other-7', join: new Set(['b']), history: { b: 2 } },
    plan: [
      'other-7', '(gap restarted a e-2)', 'history b 0-10, b after 0', 'missed a 2-10, joined b', 'live a,b 10-Infinity'
    ]
  },
  {
    name: 'join of all channels with a cursor of another epoch: nothing was missed',
    start: { cursor: 'other-7', join: new Set(['a', 'b']) },
    plan: ['other-7', 'history a,b 0-10, a after 9, b after 8', 'missed  10-10, joined a,b', 'live a,b 10-Infinity']
  },
  {
    name: 'join with a limit: the newest history that fits',
    start: { cursor: 'e-5', join: new Set(['a']), history: { a: 3 } },
    maxJoinBytes: 20,
    plan: ['resumed e-5', 'history a 0-10, a after 3', 'missed b 5-10, joined a', 'live b,a 10-Infinity']
  }
]

for (const { name, start: { history = {}, ...start }, log = state(), maxJoinBytes = Infinity, plan } of rows) {
  t.test(name, async (t) => {
    const complete: Start = { join: new Set(), history: new Map(Object.entries(history)), ...start }
    t.same(text(planReplay(log, [a, b], complete, maxJoinBytes)), plan)
  })
}

t.test('another epoch: a gap at its origin, then live', async (t) => {
  t.same(text(planRestart(state(5), [a, b], [])), ['e-5', 'gap restarted a,b e-5', 'live a,b 5-Infinity'])
})

t.test('another epoch amid a join: the join ends, and only its end is a position', async (t) => {
  const plan = planRestart(state(5), [a, b], [b])
  t.same(text(plan), ['e-5', '(gap restarted a,b e-5)', 'joined b e-5', 'live a,b 5-Infinity'])
})
