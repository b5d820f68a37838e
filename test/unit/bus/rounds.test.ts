import t from 'tap'
import type { ChannelUser } from '../../../lib/history/channel.ts'
import { Rounds } from '../../../lib/bus/rounds.ts'

function user (serve: () => void): ChannelUser {
  return { serve, restart () {} }
}

t.test('a user that throws costs the others nothing, and is reported', async (t) => {
  const errors: unknown[] = []
  const rounds = new Rounds((error) => { errors.push(error) })
  let served = 0
  const broken = user(() => { throw new Error('no') })
  const sound = user(() => { served++ })
  rounds.run([broken, sound], (user) => { user.serve(0, 1) })
  t.equal(served, 1)
  t.match(errors, [{ message: 'no' }])
  t.equal(rounds.isUnderWay, false)
})

t.test('what is for afterwards is done after the round, and may throw', async (t) => {
  const errors: unknown[] = []
  const rounds = new Rounds((error) => { errors.push(error) })
  const done: string[] = []
  rounds.run([user(() => {
    rounds.afterwards(() => { throw new Error('no') })
    rounds.afterwards(() => { done.push(`afterwards, round under way: ${rounds.isUnderWay}`) })
    done.push(`served, round under way: ${rounds.isUnderWay}`)
  })], (user) => { user.serve(0, 1) })
  t.same(done, ['served, round under way: true', 'afterwards, round under way: false'])
  t.match(errors, [{ message: 'no' }])
})

t.test('where the logger throws too, the process is warned', async (t) => {
  const rounds = new Rounds(() => { throw new Error('disk full') })
  // Node warns of its own, of what the test runner does.
  const warning = new Promise((resolve) => {
    const take = (warning: Error): void => { if (warning.name === 'CometWarning') resolve(warning) }
    process.on('warning', take)
    t.teardown(() => { process.off('warning', take) })
  })
  rounds.guard(() => { throw new Error('no') })
  const message = /an error could not be logged: Error: no[^]*because of Error: disk full/
  t.match(await warning, { name: 'CometWarning', message })
})
