import t from 'tap'
import { ControlMessages } from '../../../lib/plugin/control-messages.ts'
import { until } from '../../fixtures/until.ts'

interface Log { messages: ControlMessages, appended: string[], errors: string[], failures: number, tries: number }

/** Control messages to a log that fails so many times, for ever where that is Infinity. */
function create (failures = 0): Log {
  const log: Log = { appended: [], errors: [], failures, tries: 0, messages: undefined as unknown as ControlMessages }
  log.messages = new ControlMessages({
    node: 'here',
    async append (data) {
      log.tries++
      if (log.failures-- > 0) throw new Error('away')
      log.appended.push(data)
    },
    onError: (error, text) => { log.errors.push(`${text}: ${(error as Error).message}`) }
  })
  return log
}

const MESSAGE = '{"node":"here","disconnect":{"user":"alice"}}'

t.test('a control message names its node', async (t) => {
  const { messages, appended, errors } = create()
  messages.send({ disconnect: { user: 'alice' } })
  await until(() => appended.length > 0)
  messages.close()
  t.same([appended, errors], [[MESSAGE], []])
})

t.test('a control message is sent again until it is in the log; the first failure of an outage is reported', async (t) => {
  const log = create(3)
  log.messages.send({ disconnect: { user: 'alice' } })
  await until(() => log.appended.length > 0)
  t.same([log.appended, log.tries, log.errors.length], [[MESSAGE], 4, 1])
  log.failures = 1
  log.messages.send({ disconnect: { user: 'alice' } })
  await until(() => log.appended.length === 2)
  t.equal(log.errors.length, 2)
  log.messages.close()
  t.equal(log.errors.length, 2)
})

t.test('at the end what could not be sent is reported once, and nothing is tried any more', async (t) => {
  const log = create(Infinity)
  for (let i = 0; i < 3; i++) log.messages.send({ i })
  await until(() => log.tries >= 3)
  log.messages.close()
  log.messages.close()
  const { tries } = log
  await new Promise((resolve) => { setTimeout(resolve, 150) })
  t.equal(log.tries, tries)
  t.match(log.errors, [/trying again: away/, /could not notify the other nodes of a disconnect: comet is closed/])
  t.equal(log.errors.length, 2)
  log.messages.send({})
  t.match(log.errors[2], /comet is closed/)
})

t.test('no more than 10,000 are held', async (t) => {
  const log = create(Infinity)
  for (let i = 0; i < 10_001; i++) log.messages.send({ i })
  t.match(log.errors[0], /10000 control messages are already waiting/)
  log.messages.close()
})
