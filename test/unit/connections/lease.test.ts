import t from 'tap'
import type { Test } from 'tap'
import type { Bus } from '../../../lib/bus/bus.ts'
import { Lease } from '../../../lib/connections/lease.ts'
import { createBus } from '../../fixtures/bus.ts'

function create (t: Test, channels = ['a', 'b']): { bus: Bus, lease: Lease, reasons: string[] } {
  const bus = createBus(t)
  const lease = new Lease(bus.subscribe(channels))
  const reasons: string[] = []
  lease.onEnd((reason) => { reasons.push(`first ${reason}`) })
  lease.onEnd((reason) => { reasons.push(`second ${reason}`) })
  return { bus, lease, reasons }
}

t.test('gives the seat back and calls back in order, once', async (t) => {
  const { bus, lease, reasons } = create(t)
  t.same([lease.ended, bus.audiences], [undefined, 1])
  lease.release('answered')
  lease.release('gone')
  t.same([lease.ended, bus.audiences], ['answered', 0])
  t.same(reasons, ['first answered', 'second answered'])
})

t.test('knows its reason, and has no seat in the audience any more, when it calls back', async (t) => {
  const { bus, lease } = create(t)
  lease.onEnd((reason) => {
    t.equal(lease.ended, reason)
    t.equal(bus.audiences, 0)
    lease.release('gone')
  })
  lease.release('slow')
  t.equal(lease.ended, 'slow')
})

t.test('takes another seat in place of the one that it has', async (t) => {
  const { bus, lease } = create(t)
  t.same(lease.channels, ['a', 'b'])
  lease.changeSeat(bus.subscribe(['b']))
  t.same([lease.channels, bus.audiences], [['b'], 1])
  lease.release('gone')
  t.equal(bus.audiences, 0)
})
