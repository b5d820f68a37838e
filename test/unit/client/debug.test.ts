import t from 'tap'
import { createWarner, logStep } from '../../../lib/client/debug.ts'
import { cometError } from '../../../lib/client/errors.ts'
import type { Env } from '../../../lib/client/browser/env.ts'
import { createNegotiation, negotiate } from '../../../lib/client/negotiation/transitions.ts'
import type { NegotiationEvent } from '../../../lib/client/negotiation/state.ts'
import { parseOptions } from '../../../lib/client/options.ts'
import { TRANSPORT_NAMES } from '../../../lib/protocol/wire.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'

function start (debug: boolean, overrides: Partial<Env> = {}) {
  const lines: string[] = []
  const add = (line: string) => { lines.push(line) }
  const env = nodeEnv({ console: { log: add, warn: add } as never, ...overrides })
  return { lines, settings: parseOptions(env, 'http://127.0.0.1/comet', { debug }) }
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
  t.same(lines, [
    'comet: change -> connecting, carrier eventsource',
    'comet: carrier opened -> connecting, carrier eventsource, timer race in 200 ms',
    'comet: timer race -> connecting, carrier eventsource, candidate long-poll to carry, timer deadline in 1800 ms',
    'comet: frame of the carrier, 7 ms after it was opened -> open, carrier eventsource, timer stable in 1000 ms',
    'comet: change -> open, carrier eventsource, candidate eventsource to change, timer stable in 1000 ms',
    'comet: candidate opened at a cursor -> open, carrier eventsource, candidate eventsource to change, timer stable in 1000 ms, timer trial in 4000 ms',
    'comet: end of the candidate: no (X, status 403) -> open, carrier eventsource, timer stable in 1000 ms, timer next in 0 to 2000 ms',
    'comet: fault: why (Y) -> closed'
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
