import t from 'tap'
import type { TransportName } from '../../lib/protocol.ts'
import { cometError } from '../../lib/client/errors.ts'
import { deadlineFor, negotiate } from '../../lib/client/negotiate.ts'
import { createNegotiation, type Action, type Negotiation, type NegotiationEvent, type Slot } from '../../lib/client/negotiation.ts'
import type { End } from '../../lib/client/transports/transport.ts'

const ALL: TransportName[] = ['eventsource', 'iframe', 'long-poll']

type Step = NegotiationEvent | [event: NegotiationEvent, does: string[]]

const start: NegotiationEvent = { type: 'start', positioned: false }
const resume: NegotiationEvent = { type: 'start', positioned: true }
const opened = (slot: Slot = 'carrier'): NegotiationEvent => ({ type: 'opened', slot })
const speaks = (slot: Slot = 'carrier', more: object = {}): NegotiationEvent =>
  ({ type: 'frame', slot, useful: false, resumed: true, elapsed: 10, waited: 210, ...more })
const delivers = (slot: Slot = 'carrier') => speaks(slot, { useful: true })
const breaks = (slot: Slot = 'carrier', lived = 0): NegotiationEvent => ends(slot, 'network', {}, lived)
const ends = (slot: Slot, kind: End['kind'], more: Partial<End> = {}, lived = 0): NegotiationEvent =>
  ({ type: 'end', slot, lived, end: { kind, fatal: false, error: cometError('X', 'x'), ...more } })
const fires = (name: 'race' | 'deadline' | 'trial' | 'retry' | 'probe'): NegotiationEvent => ({ type: 'timer', name })

/** `open carrier eventsource`, `timer race 200`, `cancel race`: what is asked for, in short. */
function short (action: Action): string {
  switch (action.do) {
    case 'open': return `open ${action.slot} ${action.transport}`
    case 'close': return `close ${action.slot}`
    case 'adopt': return 'adopt'
    case 'timer': return action.timer ? `timer ${action.name} ${action.timer[0]}${action.timer[1] ? `+${action.timer[1]}` : ''}` : `cancel ${action.name}`
    case 'announce': return `announce ${action.from} ${action.to} ${action.reason}`
    default: return action.do
  }
}

function run (steps: Step[], transports = ALL, remembered?: TransportName): { state: Negotiation, does: string[] } {
  let state = createNegotiation(transports, 2000, true, remembered)
  let does: string[] = []
  for (const step of steps) {
    const [event, expected] = Array.isArray(step) ? step : [step, null]
    const frozen = JSON.stringify(state)
    const [after, actions] = negotiate(state, event)
    if (JSON.stringify(state) !== frozen) throw new Error('the state given was changed')
    state = after
    does = actions.map(short)
    if (expected) t.same(does, expected, JSON.stringify(event))
  }
  return { state, does }
}

const CASES: [title: string, steps: Step[], transports?: TransportName[], remembered?: TransportName][] = [
  ['starts the best transport, and a poll beside it after 200 ms of silence', [
    [start, ['open carrier eventsource']],
    [opened(), ['timer race 200', 'timer deadline 2000']],
    [fires('race'), ['open candidate long-poll', 'cancel race']]
  ]],
  ['sends no poll beside a stream that starts at a cursor', [
    resume, [opened(), ['timer deadline 2000']]
  ]],
  ['closes the poll when the stream speaks first', [
    start, opened(), fires('race'), opened('candidate'),
    [speaks(), ['close candidate', 'cancel deadline', 'announce null eventsource start']]
  ]],
  ['gives the stream its time when the poll was answered, less on a quick network', [
    start, opened(), fires('race'), opened('candidate'),
    [speaks('candidate'), ['timer deadline 290']],
    [speaks(), ['close candidate', 'cancel deadline', 'announce null eventsource start']]
  ]],
  ['lets the poll carry at the deadline, and looks for the stream again after 15 s', [
    start, opened(), fires('race'), speaks('candidate'),
    [fires('deadline'), ['adopt', 'cancel deadline', 'timer probe 15000', 'announce null long-poll fallback']]
  ]],
  ['lets a poll carry that answers after the deadline', [
    resume, opened(),
    [fires('deadline'), ['open candidate long-poll', 'timer deadline 8000']],
    [speaks('candidate'), ['adopt', 'cancel deadline', 'timer probe 15000', 'announce null long-poll fallback']]
  ]],
  ['waits where nothing answers, and demotes nothing', [
    resume, opened(), fires('deadline'),
    [breaks('candidate'), ['close carrier', 'close candidate', 'cancel deadline', 'timer retry 0+2000']],
    [fires('retry'), ['open carrier eventsource', 'cancel retry']]
  ]],
  ['gives up when neither stream nor poll answers', [
    resume, opened(), fires('deadline'),
    [fires('deadline'), ['close carrier', 'close candidate', 'cancel deadline', 'timer retry 0+2000']]
  ]],
  ['asks with a poll why a stream failed', [
    start, opened(),
    [breaks(), ['close carrier', 'open candidate long-poll']],
    [speaks('candidate'), ['adopt', 'cancel race', 'cancel deadline', 'timer probe 0+4000', 'announce null long-poll fallback']]
  ]],
  ['ends for good where the poll is refused for good', [
    start, opened(), breaks(),
    [ends('candidate', 'refused', { fatal: true }), ['close candidate', 'cancel race', 'cancel deadline', 'fail']]
  ]],
  ['waits as long as the server says, and a random time more', [
    start, opened(), breaks(),
    [ends('candidate', 'refused', { retry: 7000 }), ['close candidate', 'cancel race', 'cancel deadline', 'timer retry 7000+2000']]
  ]],
  ['comes back after the time that a close frame names', [
    start, speaks(),
    [ends('carrier', 'close', { retry: 1234 }), ['close carrier', 'timer retry 1234']]
  ]],
  ['does not come back after a close frame without a time', [
    start, speaks(), [ends('carrier', 'close', { fatal: true }), ['close carrier', 'fail']], [fires('retry'), []], [start, []]
  ]],
  ['reconnects a stream that was cut within 2 s', [
    start, delivers(), [breaks(), ['close carrier', 'timer retry 0+2000']], [fires('retry'), ['open carrier eventsource', 'cancel retry']]
  ]],
  ['doubles the ceiling while nothing comes of it', [
    start, delivers(), breaks(), fires('retry'), breaks(), breaks('candidate'), fires('retry'), breaks(),
    [breaks('candidate'), ['close candidate', 'timer retry 0+8000']]
  ]],
  ['demotes a stream that delivered nothing three times, once polls work', [
    start, speaks(), breaks(), fires('retry'), speaks(), breaks(), fires('retry'), speaks(), breaks(),
    [fires('retry'), ['open carrier iframe', 'cancel retry']]
  ]],
  ['a close frame is no strike', [
    start, ...Array.from({ length: 5 }, () => [speaks(), ends('carrier', 'close', { retry: 1 }), fires('retry')]).flat(),
    [speaks(), []]
  ]],
  ['moves up when a better one speaks', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'),
    [fires('probe'), ['open candidate eventsource', 'cancel probe']],
    [opened('candidate'), ['timer trial 2000']],
    [speaks('candidate'), ['adopt', 'cancel trial', 'announce long-poll eventsource upgrade']]
  ]],
  ['tries the next better one when the best does not speak, and later again, ever more rarely', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'), fires('probe'), opened('candidate'),
    [fires('trial'), ['close candidate', 'open candidate iframe', 'cancel trial']],
    opened('candidate'),
    [fires('trial'), ['close candidate', 'cancel trial', 'timer probe 30000']],
    fires('probe'), fires('trial'),
    [fires('trial'), ['close candidate', 'timer probe 60000']]
  ]],
  ['does not move up to a stream that would start with a gap', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'), fires('probe'), opened('candidate'),
    [speaks('candidate', { resumed: false }), ['close candidate', 'open candidate iframe', 'cancel trial']]
  ]],
  ['checks a silent stream with another one before it gives it up', [
    start, delivers(),
    [{ type: 'silence' }, ['open candidate eventsource']],
    opened('candidate'),
    [delivers(), ['close candidate', 'cancel trial', 'timer change 0']],
    { type: 'silence' }, opened('candidate'),
    [speaks('candidate'), ['adopt', 'cancel trial', 'cancel change']]
  ]],
  ['gives up a silent stream when the other one fails', [
    start, delivers(), { type: 'silence' }, opened('candidate'),
    [breaks('candidate'), ['close carrier', 'close candidate', 'cancel trial', 'timer retry 0+2000']]
  ]],
  ['goes over to polls when streams fall silent after their opening, time and again', [
    start, speaks(), { type: 'silence' }, speaks('candidate'), { type: 'silence' }, speaks('candidate'),
    [{ type: 'silence' }, ['open candidate long-poll']],
    [speaks('candidate'), ['adopt', 'timer probe 15000', 'announce eventsource long-poll fallback']]
  ]],
  ['changes its channels by a second stream', [
    start, speaks(),
    [{ type: 'change' }, ['open candidate eventsource']],
    [{ type: 'change' }, []],
    opened('candidate'),
    [speaks('candidate'), ['adopt', 'cancel trial']]
  ]],
  ['changes its channels by a poll where no second stream comes up', [
    start, speaks(), { type: 'change' }, opened('candidate'),
    [fires('trial'), ['close candidate', 'open candidate long-poll', 'cancel trial']],
    opened('candidate'),
    [fires('trial'), ['close carrier', 'open carrier eventsource', 'close candidate', 'cancel trial']]
  ]],
  ['tries a change again where it broke', [
    start, speaks(), { type: 'change' }, [breaks('candidate'), ['close candidate', 'timer change 0+2000']]
  ]],
  ['rejects a change that the server refuses for good, and goes on', [
    start, speaks(), { type: 'change' }, [ends('candidate', 'refused', { fatal: true }), ['close candidate', 'reject']], [delivers(), []]
  ]],
  ['puts off an upgrade for a change', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'), fires('probe'),
    [{ type: 'change' }, ['close candidate', 'open candidate long-poll']]
  ]],
  ['closes a candidate that is out of date, and tries again', [
    start, speaks(), { type: 'change' }, [{ type: 'stale' }, ['close candidate', 'timer change 0+2000']], [{ type: 'stale' }, []]
  ]],
  ['starts with what worked lately, and looks for the better ones later', [
    [start, ['open carrier long-poll']], opened(), [speaks(), ['cancel deadline', 'timer probe 15000', 'announce null long-poll fallback']]
  ], ALL, 'long-poll'],
  ['reconnects at once when the page or the network is back', [
    start, speaks(), breaks(), [{ type: 'wake' }, ['open carrier eventsource', 'cancel retry']]
  ]],
  ['checks its stream when the network changes', [
    start, speaks(), [{ type: 'wake' }, ['open candidate eventsource']]
  ]],
  ['looks for a better transport soon when the network changes', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'),
    [{ type: 'wake' }, ['open candidate long-poll', 'timer probe 0+2000']],
    [fires('probe'), ['timer probe 15000']]
  ]],
  ['holds nothing open while the page is hidden for good', [
    start, speaks(), { type: 'change' }, [{ type: 'hide' }, ['close carrier', 'close candidate']], [{ type: 'wake' }, ['open carrier eventsource']]
  ]],
  ['is idle and closed on demand', [
    [{ type: 'hide' }, []], start, speaks(), [{ type: 'idle' }, ['close carrier']], [start, ['open carrier eventsource']], speaks(),
    [{ type: 'stop' }, ['close carrier']], [{ type: 'wake' }, []]
  ]],
  ['tries the other stream where polls may not carry', [
    start, opened(), [breaks(), ['close carrier', 'open candidate long-poll']],
    [speaks('candidate'), ['open carrier iframe', 'close candidate', 'cancel deadline']]
  ], ['eventsource', 'iframe']],
  ['is patient with the only transport that it may use', [
    start, opened(), [fires('deadline'), ['open candidate long-poll', 'timer deadline 8000']],
    [speaks('candidate'), ['close candidate']],
    [speaks(), ['cancel deadline', 'announce null eventsource start']]
  ], ['eventsource']],
  ['asks nobody else when a poll fails', [
    start, opened(), [breaks(), ['close carrier', 'cancel deadline', 'timer retry 0+2000']]
  ], ['long-poll']]
]

for (const [title, steps, transports, remembered] of CASES) {
  t.test(title, async () => { run(steps, transports, remembered) })
}

t.test('the deadline follows the round trip, within bounds', async (t) => {
  const cases: [roundTrip: number, deadline: number][] = [[1, 500], [125, 500], [300, 1200], [600, 2000], [1000, 2000], [3000, 6000]]
  for (const [roundTrip, deadline] of cases) t.equal(deadlineFor(2000, roundTrip), deadline)
  t.equal(deadlineFor(300, 1), 300, 'the application may want it shorter')
})
