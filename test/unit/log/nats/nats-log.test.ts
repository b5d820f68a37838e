import type { NatsConnection } from '@nats-io/transport-node'
import t from 'tap'
import { Recorder } from '../../../../lib/log/contract/recorder.ts'
import { natsLog, type NatsLogOptions } from '../../../../lib/log/nats/nats-log.ts'

/** A connection that never answers, and has these interruptions. */
function fakeConnection (...types: string[]): NatsConnection {
  async function * status (): AsyncGenerator<{ type: string }> {
    for (const type of types) yield { type }
    await new Promise(() => { /* nothing else happens */ })
  }
  const statuses = (): object => Object.assign(status(), { stop () {} })
  return {
    status: statuses, request: () => new Promise(() => { /* never */ }), options: {}
  } as unknown as NatsConnection
}

t.test('options that break a rule, unknown ones and a value that is no connection are refused', async (t) => {
  const wrong = { stream: 'a.b', maxMessages: 0, maxAge: 299_999, replicas: 6, publishTimeout: 0, loadLength: -1 }
  for (const [name, value] of Object.entries(wrong)) {
    t.throws(() => natsLog(fakeConnection(), { [name]: value }), { code: 'COMET_ERR_OPTION' }, name)
  }
  t.throws(() => natsLog(fakeConnection(), { maxLength: 1 } as NatsLogOptions), { code: 'COMET_ERR_OPTION_UNKNOWN' })
  t.throws(() => natsLog({} as NatsConnection), {
    code: 'COMET_ERR_OPTION', message: /"connection" must be a connection of/
  })
  for (const maxAge of [0, 300_000]) t.doesNotThrow(() => natsLog(fakeConnection(), { maxAge }))
})

t.test('a connection that is interrupted while a session opens is unreachable', async (t) => {
  const log = natsLog(fakeConnection('update', 'disconnect'), {})
  const reason = await new Promise((resolve) => {
    log.start(Object.assign(new Recorder(), { reachable: (_isReachable: boolean, why: unknown) => { resolve(why) } }))
  })
  t.match(reason, { message: 'the connection to NATS was interrupted' })
  await log.close()
})
