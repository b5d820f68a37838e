import fc from 'fast-check'
import t from 'tap'
import type { TransportName } from '../../../lib/client/index.ts'
import { ClientRun, type Op } from '../../fixtures/client-run.ts'
import { property } from '../../fixtures/property.ts'

const RUNS = Number(process.env['COMET_RUNS'] ?? 200)

const channel = fc.nat(2)
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('publish' as const), channel, count: fc.integer({ min: 1, max: 9 }) })
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('subscribe' as const), channel, history: fc.constantFrom(0, 0, 3, 20) })
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), channel }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pause' as const), ms: fc.constantFrom(0, 1, 5, 20, 60) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'cut' as const, 'hold' as const, 'forward' as const, 'swallow' as const, 'online' as const, 'offline' as const
      )
    })
  },
  {
    weight: 2, arbitrary: fc.record({ do: fc.constant('cutAfter' as const), bytes: fc.integer({ min: 1, max: 1500 }) })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) }
)
const transports = fc.constantFrom<TransportName[]>(['eventsource', 'long-poll'], [
  'eventsource', 'iframe', 'long-poll'
], ['iframe', 'long-poll'], ['eventsource'], ['iframe'], ['long-poll'])

t.test('whatever happens, each message is told once and in order, and each hole by a gap', async (t) => {
  await property(t, fc.tuple(transports, fc.array(op, { minLength: 5, maxLength: 25 })), async ([transports, ops]) => {
    const run = new ClientRun()
    await run.start(transports)
    try {
      await run.play({ do: 'subscribe', channel: 0, history: 0 })
      for (const one of ops) await run.play(one)
      const faults = await run.finish()
      if (faults.length) throw new Error(faults.join('\n'))
    } finally {
      await run.stop()
    }
  }, { numRuns: RUNS, endOnFailure: false, interruptAfterTimeLimit: 80_000, markInterruptAsFailure: false })
})
