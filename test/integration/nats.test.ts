// Every transport over the log in NATS.
import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { natsLog } from '../../lib/log/nats/nats-log.ts'
import { NatsServer } from '../fixtures/nats.ts'
import { needs } from '../fixtures/requirement.ts'
import { serve } from '../fixtures/server.ts'
import { transportContract } from '../fixtures/transport-contract.ts'

let streams = 0

t.test('transports over a log in NATS', async (t) => {
  if (!needs(t, 'nats')) return
  const nats = await NatsServer.start()
  t.teardown(() => nats.stop())
  const connection = await nats.connection(t)
  for (const transport of TRANSPORT_NAMES) {
    t.test(transport, async (t) => {
      transportContract(t, transport, (t, options = {}) => {
        return serve(t, {
          ...options, comet: { ...options.comet, log: natsLog(connection, { stream: `stream-${++streams}` }) }
        })
      })
    })
  }
})
