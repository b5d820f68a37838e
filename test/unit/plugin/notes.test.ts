import t from 'tap'
import { Notes } from '../../../lib/plugin/notes.ts'
import { until } from '../../fixtures/until.ts'

interface Log { notes: Notes, appended: string[], errors: string[], failures: number, tries: number }

/** Notes to a log that fails so many times, for ever where that is Infinity. */
function create (failures = 0): Log {
  const log: Log = { appended: [], errors: [], failures, tries: 0, notes: undefined as unknown as Notes }
  log.notes = new Notes({
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

const NOTE = '{"node":"here","disconnect":{"user":"alice"}}'

t.test('a note says which node it is of', async (t) => {
  const { notes, appended, errors } = create()
  notes.send({ disconnect: { user: 'alice' } })
  await until(() => appended.length > 0)
  notes.close()
  t.same([appended, errors], [[NOTE], []])
})

t.test('a note is sent again until it is in the log; the first failure of an outage is reported', async (t) => {
  const log = create(3)
  log.notes.send({ disconnect: { user: 'alice' } })
  await until(() => log.appended.length > 0)
  t.same([log.appended, log.tries, log.errors.length], [[NOTE], 4, 1])
  log.failures = 1
  log.notes.send({ disconnect: { user: 'alice' } })
  await until(() => log.appended.length === 2)
  t.equal(log.errors.length, 2)
  log.notes.close()
  t.equal(log.errors.length, 2)
})

t.test('at the end what could not be sent is reported once, and nothing is tried any more', async (t) => {
  const log = create(Infinity)
  for (let i = 0; i < 3; i++) log.notes.send({ i })
  await until(() => log.tries >= 3)
  log.notes.close()
  log.notes.close()
  const { tries } = log
  await new Promise((resolve) => { setTimeout(resolve, 150) })
  t.equal(log.tries, tries)
  t.match(log.errors, [/trying again: away/, /could not notify the other nodes of a disconnect: comet is closed/])
  t.equal(log.errors.length, 2)
  log.notes.send({})
  t.match(log.errors[2], /comet is closed/)
})

t.test('no more than 10,000 are held', async (t) => {
  const log = create(Infinity)
  for (let i = 0; i < 10_001; i++) log.notes.send({ i })
  t.match(log.errors[0], /10000 control messages are already waiting/)
  log.notes.close()
})
