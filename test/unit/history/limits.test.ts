import t from 'tap'
import { Limits } from '../../../lib/history/limits.ts'
import { parsed } from '../../fixtures/bus.ts'

t.test('channels with equal limits that follow one another share one object', async (t) => {
  const limits = new Limits(parsed({ historySize: (name) => name.startsWith('big') ? 1000 : 10 }))
  const first = limits.of('a')
  t.equal(limits.of('b'), first)
  t.match(limits.of('big'), { size: 1000 })
  t.match(limits.of('c'), { size: 10 })
  t.same(limits.of('c'), first)
})

t.test('a channel has what the options say of its name', async (t) => {
  const limits = new Limits(parsed({
    historySize: 7, historyAge: 5000, channelBytes: 2000, retain: (name) => name === 'kept', slowConsumer: 'disconnect'
  }))
  t.same(limits.of('kept'), { size: 7, age: 5000, bytes: 2000, retain: true, slowConsumer: 'disconnect' })
  t.same(limits.of('other'), { size: 7, age: 5000, bytes: 2000, retain: false, slowConsumer: 'disconnect' })
})

t.test('what a function of the application throws is passed on', async (t) => {
  const limits = new Limits(parsed({ historySize () { throw new Error('no') } }))
  t.throws(() => limits.of('a'), { message: 'no' })
})
