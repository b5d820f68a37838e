import t from 'tap'
import { Lease } from '../../../lib/connections/lease.ts'
import { LeasedConnection } from '../../../lib/connections/leased-connection.ts'
import { eventsource } from '../../../lib/transports/eventsource.ts'
import { createBus } from '../../fixtures/bus.ts'

class Fake extends LeasedConnection {
  readonly calls: string[] = []
  error: Error | undefined

  closed (): void {
    this.calls.push('closed')
    if (this.error !== undefined) throw this.error
    this.lease.release('gone')
  }

  destroy (): void {
    this.calls.push('destroy')
  }
}

t.test('has the channels and the end of its lease', async (t) => {
  const connection = new Fake({ transport: eventsource, lease: new Lease(createBus(t).subscribe(['a'])) })
  t.same([connection.channels, connection.ended], [['a'], undefined])
  connection.fail()
  t.same([connection.calls, connection.ended], [['closed', 'destroy'], 'gone'])
})

t.test('its response is destroyed even if ending it throws', async (t) => {
  const connection = new Fake({ transport: eventsource, lease: new Lease(createBus(t).subscribe(['a'])) })
  connection.error = new Error('broken')
  t.throws(() => { connection.fail() }, connection.error)
  t.same(connection.calls, ['closed', 'destroy'])
})
