import t from 'tap'
import { createWarner, logStep } from '../../../lib/client/debug.ts'
import { cometError } from '../../../lib/client/errors.ts'
import type { Env } from '../../../lib/client/browser/env.ts'
import { createNegotiation, negotiate } from '../../../lib/client/negotiation/transitions.ts'
import type { NegotiationEvent } from '../../../lib/client/negotiation/state.ts'
import { createSettings } from '../../../lib/client/options.ts'
import { TRANSPORT_NAMES } from '../../../lib/protocol/wire.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'

function start (debug: boolean, overrides: Partial<Env> = {}) {
  const lines: string[] = []
  const add = (line: string) => { lines.push(line) }
  const env = nodeEnv({ console: { log: add, warn: add } as never, ...overrides })
  return { lines, settings: createSettings(env, 'http://127.0.0.1/comet', { debug }) }
}

const change: NegotiationEvent = { type: 'change' }
const end: NegotiationEvent = {
  type: 'end', isCandidate: true, end: { error: cometError('X', 'no', 403), fromServer: true, fatal: false }
}

t.test('logs each event and what is open after it, in one line', async (t) => {
  const { lines, settings } = start(true)
  const steps: NegotiationEvent[] = [
    change,
    { type: 'opened', isCandidate: false, isPositioned: false },
    { type: 'timer', name: 'race' },
    { type: 'frame', isCandidate: false, isUseful: false, isResumed: true, elapsed: 7 },
    change,
    { type: 'opened', isCandidate: true, isPositioned: true },
    end,
    { type: 'fault', end: { error: cometError('Y', 'why'), fatal: true } }
  ]
  let negotiation = createNegotiation(TRANSPORT_NAMES, 2000, true)
  for (const event of steps) {
    negotiation = negotiate(negotiation, event)
    logStep(settings, event, negotiation.state)
  }
  t.ok(lines.every((line) => line.startsWith('comet: ') && !line.includes('\n')))
  const logged = lines.map((line) => line.slice('comet: '.length).split(' -> ').map((json) => JSON.parse(json)))
  t.match(logged, [
    [change, { kind: 'racing', carrier: { transport: 'eventsource', purpose: 'carry' } }],
    [steps[1], { kind: 'racing', carrierTimer: { name: 'race', after: 200, spread: 0 } }],
    [steps[2], {
      kind: 'racing', carrierTimer: { name: 'deadline', after: 1800 }, candidate: { transport: 'long-poll' }
    }],
    [steps[3], { kind: 'open', carrier: { transport: 'eventsource' }, carrierTimer: { name: 'stable' } }],
    [change, { kind: 'open', candidate: { transport: 'eventsource', purpose: 'change' } }],
    [steps[5], { kind: 'open', candidateTimer: { name: 'trial', after: 4000 } }],
    [
      { type: 'end', isCandidate: true, end: { error: 'no (X, status 403)', fromServer: true, fatal: false } },
      { kind: 'open', carrier: { transport: 'eventsource' }, candidateTimer: { name: 'next', after: 0, spread: 2000 } }
    ],
    [{ type: 'fault', end: { error: 'why (Y)', fatal: true } }, { kind: 'closed' }]
  ])
})

t.test('logs nothing unless it is asked to, by the option or by the page’s storage', async (t) => {
  const state = createNegotiation(TRANSPORT_NAMES, 2000, true).state
  const page = { document: {} as never, localStorage: { comet: 'debug' } as never }
  for (const [debug, env, count] of [
    [false, {}, 0], [true, {}, 1], [false, page, 1], [false, { localStorage: { comet: 'debug' } as never }, 0]
  ] as const) {
    const { lines, settings } = start(debug, env)
    logStep(settings, change, state)
    t.equal(lines.length, count)
  }
})

t.test('warns of each cause once, with when the client tries again', async (t) => {
  const { lines, settings } = start(false)
  const warn = createWarner(settings)
  const failure = (detail: string) =>
    Object.assign(cometError('X', 'no answer: ' + detail, 503), { retrying: true, retryIn: 1234 })
  for (const detail of ['one', 'two', 'three']) warn(failure(detail))
  warn(Object.assign(failure('four'), { retrying: false, retryIn: undefined }))
  t.same(lines, [
    'comet: no answer: one (X, status 503); trying again in 1.2 s', 'comet: no answer: four (X, status 503)'
  ])
})

t.test('a console that is missing is no error', async (t) => {
  const { settings } = start(true, { console: undefined })
  logStep(settings, change, createNegotiation(TRANSPORT_NAMES, 2000, true).state)
  t.doesNotThrow(() => { createWarner(settings)(cometError('X', 'x')) })
})
