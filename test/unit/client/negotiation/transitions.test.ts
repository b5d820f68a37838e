import t from 'tap'
import type { TransportName } from '../../../../lib/protocol/wire.ts'
import { cometError } from '../../../../lib/client/errors.ts'
import { createNegotiation, negotiate, phaseOf } from '../../../../lib/client/negotiation/transitions.ts'
import type { ConnectionFailure } from '../../../../lib/client/connection/failure.ts'
import type { Role } from '../../../../lib/client/reconciler.ts'
import type { Negotiation, NegotiationEvent, Slot, Timer, TimerName } from '../../../../lib/client/negotiation/state.ts'

const ALL: TransportName[] = ['eventsource', 'iframe', 'long-poll']

type Step = NegotiationEvent | [event: NegotiationEvent, does: string[]]

const start: NegotiationEvent = { type: 'change' }
const opened = (role: Role = 'carrier', isPositioned = false): NegotiationEvent =>
  ({ type: 'opened', isCandidate: role === 'candidate', isPositioned })
const resumes = opened('carrier', true)
const speaks = (role: Role = 'carrier', more: object = {}): NegotiationEvent =>
  ({ type: 'frame', isCandidate: role === 'candidate', isUseful: false, isResumed: true, elapsed: 10, ...more })
const delivers = (role: Role = 'carrier') => speaks(role, { isUseful: true })
const breaks = (role: Role = 'carrier'): NegotiationEvent => ends(role, { fromServer: false })
const ends = (role: Role, more: Partial<ConnectionFailure>): NegotiationEvent =>
  ({
    type: 'end',
    isCandidate: role === 'candidate',
    end: {
      fromServer: true, fatal: false, error: cometError('X', 'x'), ...more
    }
  })
const fires = (name: TimerName): NegotiationEvent => ({ type: 'timer', name })

/**
 * `open carrier eventsource`, `timer race 200`, `cancel race`: what is to be done to get from one state to the next, in
 * short.
 */
function differences (before: Negotiation, after: Negotiation): string[] {
  const [was, is] = [before.state, after.state]
  const isPromoted = is.carrier !== undefined && is.carrier.id === was.candidate?.id
  return [
    ...isPromoted ? ['promote'] : slotDifferences('carrier', was.carrier, is.carrier),
    ...slotDifferences('candidate', isPromoted ? undefined : was.candidate, is.candidate),
    ...timerDifferences(was.carrierTimer, is.carrierTimer),
    ...timerDifferences(was.candidateTimer, is.candidateTimer),
    ...after.memory.transport !== before.memory.transport ? [`transport ${after.memory.transport}`] : [],
    ...after.memory.error ? [`error, ${phaseOf(is)}`] : []
  ]
}

function slotDifferences (role: Role, before: Slot | undefined, after: Slot | undefined): string[] {
  if (before?.id === after?.id) return []
  return [...before ? [`close ${role}`] : [], ...after ? [`open ${role} ${after.transport}`] : []]
}

function timerDifferences (before: Timer | undefined, after: Timer | undefined): string[] {
  if (before?.id === after?.id) return []
  const [was, is] = [before, after].map((timer) => timer === undefined || timer.name === 'stable' ? undefined : timer)
  return is ? [`timer ${is.name} ${is.after}${is.spread ? `+${is.spread}` : ''}`] : was ? [`cancel ${was.name}`] : []
}

function run (steps: Step[], transports = ALL, remembered?: TransportName): void {
  let state = createNegotiation(transports, 2000, true, remembered)
  for (const step of steps) {
    const [event, expected] = Array.isArray(step) ? step : [step, null]
    const frozen = JSON.stringify(state)
    const after = negotiate(state, event)
    if (JSON.stringify(state) !== frozen) throw new Error('the state given was changed')
    if (expected) t.same(differences(state, after), expected, JSON.stringify(event))
    state = after
  }
}

const CASES: [title: string, steps: Step[], transports?: TransportName[], remembered?: TransportName][] = [
  ['starts the best transport, and a poll beside it after 200 ms of silence', [
    [start, ['open carrier eventsource']],
    [opened(), ['timer race 200']],
    [fires('race'), ['open candidate long-poll', 'timer deadline 1800']]
  ]],
  ['sends no poll beside a stream that starts at a cursor', [
    start, [resumes, ['timer deadline 2000']]
  ]],
  ['closes the poll when the stream speaks first', [
    start, opened(), fires('race'), opened('candidate'),
    [speaks(), ['close candidate', 'cancel deadline', 'transport eventsource']]
  ]],
  ['gives the stream its time when the poll was answered, less on a quick network', [
    start, opened(), fires('race'), opened('candidate'),
    [speaks('candidate'), ['timer deadline 290']],
    [speaks(), ['close candidate', 'cancel deadline', 'transport eventsource']]
  ]],
  ['lets the poll carry at the deadline, and looks for the stream again after 15 s', [
    start, opened(), fires('race'), speaks('candidate'),
    [fires('deadline'), ['promote', 'cancel deadline', 'timer probe 15000', 'transport long-poll']]
  ]],
  ['lets a poll carry that answers after the deadline', [
    start, resumes,
    [fires('deadline'), ['open candidate long-poll', 'timer giveUp 8000']],
    [speaks('candidate'), ['promote', 'cancel giveUp', 'timer probe 15000', 'transport long-poll']]
  ]],
  ['waits where nothing answers, and demotes nothing', [
    start, resumes, fires('deadline'),
    [breaks('candidate'), ['close carrier', 'close candidate', 'timer retry 0+2000']],
    [fires('retry'), ['open carrier eventsource', 'cancel retry']]
  ]],
  ['gives up when neither stream nor poll answers', [
    start, resumes, fires('deadline'),
    [fires('giveUp'), ['close carrier', 'close candidate', 'timer retry 0+2000']]
  ]],
  ['asks with a poll why a stream failed', [
    start, opened(),
    [breaks(), ['close carrier', 'open candidate long-poll', 'timer giveUp 8000']],
    [speaks('candidate'), ['promote', 'cancel giveUp', 'timer probe 15000', 'transport long-poll']]
  ]],
  ['ends for good where the poll is refused for good', [
    start, opened(), breaks(),
    [ends('candidate', { fatal: true }), ['close candidate', 'cancel giveUp', 'error, closed']]
  ]],
  ['waits as long as the server says, and a random time more', [
    start, opened(), breaks(),
    [ends('candidate', { retry: 7000 }), ['close candidate', 'timer retry 7000+2000']]
  ]],
  ['comes back after the time that a close frame names', [
    start, speaks(),
    [ends('carrier', { retry: 1234, spread: 0 }), ['close carrier', 'timer retry 1234']]
  ]],
  ['does not come back after a close frame without a time', [

    start,
    speaks(),
    [ends('carrier', { fatal: true }), ['close carrier', 'error, closed']],
    [fires('retry'), []],
    [start, []]

  ]],
  ['reconnects a stream that was cut within 2 s', [
    start, delivers(), [breaks(), ['close carrier', 'timer retry 0+2000']], [
      fires('retry'), ['open carrier eventsource', 'cancel retry']
    ]
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
    start, ...Array.from({ length: 5 }, () => [speaks(), ends('carrier', { retry: 1, spread: 0 }), fires('retry')])
      .flat(),
    [speaks(), []]
  ]],
  ['moves up when a better one speaks', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'),
    [fires('probe'), ['open candidate eventsource', 'cancel probe']],
    [opened('candidate'), ['timer trial 4000']],
    [speaks('candidate'), ['promote', 'cancel trial', 'transport eventsource']]
  ]],
  ['tries the next better one when the best does not speak, and later again, ever more rarely', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'), fires('probe'), opened('candidate'),
    [fires('trial'), ['close candidate', 'open candidate iframe', 'cancel trial']],
    opened('candidate'),
    [fires('trial'), ['close candidate', 'timer probe 30000']],
    fires('probe'), fires('trial'),
    [fires('trial'), ['close candidate', 'timer probe 60000']]
  ]],
  ['does not move up to a stream that would start with a gap', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'), fires('probe'), opened('candidate'),
    [speaks('candidate', { isResumed: false }), ['close candidate', 'open candidate iframe', 'cancel trial']]
  ]],
  ['checks a silent stream with another one before it gives it up', [
    start, delivers(),
    [{ type: 'silence' }, ['open candidate eventsource']],
    opened('candidate'),
    [delivers(), ['close candidate', 'timer next 0']],
    { type: 'silence' }, opened('candidate'),
    [speaks('candidate'), ['promote', 'cancel trial']]
  ]],
  ['gives up a silent stream when the other one fails', [
    start, delivers(), { type: 'silence' }, opened('candidate'),
    [breaks('candidate'), ['close carrier', 'close candidate', 'timer retry 0+2000', 'cancel trial']]
  ]],
  ['goes over to another transport when streams fall silent after their opening, time and again', [
    start, speaks(), { type: 'silence' }, speaks('candidate'), { type: 'silence' }, speaks('candidate'),
    [{ type: 'silence' }, ['close carrier', 'open carrier iframe']],
    [speaks(), ['timer probe 15000', 'transport iframe']]
  ]],
  ['changes its channels by a second stream', [
    start, speaks(),
    [{ type: 'change' }, ['open candidate eventsource']],
    [{ type: 'change' }, []],
    opened('candidate'),
    [speaks('candidate'), ['promote', 'cancel trial']]
  ]],
  ['changes its channels by a poll where no second stream comes up', [
    start, speaks(), { type: 'change' }, opened('candidate'),
    [fires('trial'), ['close candidate', 'open candidate long-poll', 'cancel trial']],
    opened('candidate'),
    [fires('trial'), ['close carrier', 'open carrier eventsource', 'close candidate', 'cancel trial']]
  ]],
  ['tries a change again where it broke', [
    start, speaks(), { type: 'change' }, [breaks('candidate'), ['close candidate', 'timer next 0+2000']]
  ]],
  ['rejects a change that the server refuses for good, and goes on', [

    start,
    speaks(),
    { type: 'change' },
    [ends('candidate', { fatal: true }), ['close candidate', 'timer next 0', 'error, open']],
    [delivers(), []]

  ]],
  ['puts off an upgrade for a change', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'), fires('probe'),
    [{ type: 'change' }, ['close candidate', 'open candidate long-poll']]
  ]],
  ['keeps its backoff where a connection did not last, and forgets it where it did', [
    start, speaks(), breaks(), fires('retry'), speaks(), [breaks(), ['close carrier', 'timer retry 0+4000']],
    fires('retry'), speaks(), fires('stable'), [breaks(), ['close carrier', 'timer retry 0+2000']]
  ]],
  ['starts with what worked lately, and looks for the better ones later', [
    [start, ['open carrier long-poll']], opened(), [
      speaks(), ['cancel deadline', 'timer probe 15000', 'transport long-poll']
    ]
  ], ALL, 'long-poll'],
  ['reconnects at once when the page or the network is back', [
    start, speaks(), breaks(), [{ type: 'wake' }, ['open carrier eventsource', 'cancel retry']]
  ]],
  ['checks its stream when the network changes', [
    start, speaks(), [{ type: 'wake' }, ['open candidate eventsource']]
  ]],
  ['looks for a better transport soon when the network changes', [
    start, opened(), fires('race'), speaks('candidate'), fires('deadline'),
    [{ type: 'wake' }, ['open candidate long-poll', 'cancel probe']],
    [delivers(), ['close candidate', 'timer next 0']],
    [fires('next'), ['timer probe 0']]
  ]],
  ['holds nothing open while the page is hidden for good', [
    start, speaks(), { type: 'change' }, [{ type: 'hide' }, ['close carrier', 'close candidate']], [
      { type: 'wake' }, ['open carrier eventsource']
    ]
  ]],
  ['is idle and closed on demand', [
    [{ type: 'hide' }, []], start, speaks(), [
      { type: 'idle' }, ['close carrier', 'transport null']
    ], [start, ['open carrier eventsource']], speaks(),
    [{ type: 'stop' }, ['close carrier', 'transport null']], [{ type: 'wake' }, []]
  ]],
  ['tries the other stream where polls may not carry', [
    start, opened(), [breaks(), ['close carrier', 'open candidate long-poll', 'timer giveUp 8000']],
    [speaks('candidate'), ['close candidate', 'timer retry 0+2000']],
    [fires('retry'), ['open carrier iframe', 'cancel retry']]
  ], ['eventsource', 'iframe']],
  ['is patient with the only transport that it may use', [
    start, opened(), [fires('deadline'), ['open candidate long-poll', 'timer giveUp 8000']],
    [speaks('candidate'), ['close candidate']],
    [speaks(), ['cancel giveUp', 'transport eventsource']]
  ], ['eventsource']],
  ['asks nobody else when a poll fails', [
    start, opened(), [breaks(), ['close carrier', 'timer retry 0+2000']]
  ], ['long-poll']]
]

for (const [title, steps, transports, remembered] of CASES) {
  t.test(title, async () => { run(steps, transports, remembered) })
}
