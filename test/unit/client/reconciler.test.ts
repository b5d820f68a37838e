import t from 'tap'
import { createMemory } from '../../../lib/client/negotiation/memory.ts'
import { createSlot, createState, createTimer } from '../../../lib/client/negotiation/steps.ts'
import { isSame, reconcile, type Effects } from '../../../lib/client/reconciler.ts'
import { TRANSPORT_NAMES } from '../../../lib/protocol/wire.ts'

const memory = createMemory(TRANSPORT_NAMES, 2000, true)
const [stream, poll] = [createSlot(memory, 'eventsource', 'carry'), createSlot(memory, 'long-poll', 'carry')]
const [race, deadline] = [createTimer(memory, 'race', 200), createTimer(memory, 'deadline', 1800)]
const stable = createTimer(memory, 'stable', 1000)
const probe = createTimer(memory, 'probe', 15_000)
const retry = createTimer(memory, 'retry', 0)

const idle = createState('idle')
const racing = createState('racing', stream, race)
const both = createState('racing', stream, deadline, poll)
const open = createState('open', stream, stable)
const fallenBack = createState('open', poll, stable, undefined, probe)
const waiting = createState('waiting', undefined, retry)

const CASES = [
  ['opens the carrier', idle, createState('racing', stream), [{ does: 'open', role: 'carrier', slot: stream }]],
  [
    'does nothing for what is there already',
    both,
    createState('racing', { ...stream }, { ...deadline }, { ...poll }),
    []
  ],
  ['opens the candidate beside the carrier, and sets another timer', racing, both, [
    { does: 'open', role: 'candidate', slot: poll }, { does: 'time', role: 'carrier', timer: deadline }
  ]],
  ['closes the candidate', both, open, [
    { does: 'close', role: 'candidate' }, { does: 'time', role: 'carrier', timer: stable }
  ]],
  ['lets the candidate take over: the carrier is closed, and nothing is opened', both, fallenBack, [
    { does: 'close', role: 'carrier' },
    { does: 'promote' },
    { does: 'time', role: 'carrier', timer: stable },
    { does: 'time', role: 'candidate', timer: probe }
  ]],
  ['closes all', both, waiting, [
    { does: 'close', role: 'carrier' }, { does: 'close', role: 'candidate' }, {
      does: 'time', role: 'carrier', timer: retry
    }
  ]],
  ['stops a timer', waiting, idle, [{ does: 'time', role: 'carrier', timer: undefined }]],
  ['replaces the carrier: the old one is closed first', waiting, createState('racing', stream), [
    { does: 'open', role: 'carrier', slot: stream }, { does: 'time', role: 'carrier', timer: undefined }
  ]],
  ['replaces the candidate', both, createState('racing', stream, deadline, { ...poll, id: 99 }), [
    { does: 'close', role: 'candidate' }, { does: 'open', role: 'candidate', slot: { ...poll, id: 99 } }
  ]]
] as const

for (const [title, before, after, effects] of CASES) {
  t.test(title, async (t) => {
    const called: object[] = []
    const recorder: Effects = {
      promote: () => { called.push({ does: 'promote' }) },
      openSlot: (role, slot) => { called.push({ does: 'open', role, slot }) },
      disconnect: (role) => { called.push({ does: 'close', role }) },
      setTimer: (role, timer) => { called.push({ does: 'time', role, timer }) }
    }
    reconcile(before, after, recorder)
    t.same(called, effects)
  })
}

t.test('what has the same number is the same, and so is nothing', async (t) => {
  t.ok(isSame(stream, { ...stream }))
  t.ok(isSame(undefined, undefined))
  t.notOk(isSame(stream, poll))
  t.notOk(isSame(undefined, poll))
})
