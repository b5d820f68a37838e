import t, { type Test } from 'tap'
import { BatchCache } from '../../../lib/bus/batch-cache.ts'
import { Dispatcher } from '../../../lib/bus/dispatcher.ts'
import { LogPosition } from '../../../lib/bus/log-position.ts'
import type { ChannelUser } from '../../../lib/history/channel.ts'
import { History } from '../../../lib/history/history.ts'
import { Inbox, parsed, turn } from '../../fixtures/bus.ts'

interface Parts {
  dispatcher: Dispatcher
  history: History
  logPosition: LogPosition
  add: (channel: string, data?: string) => void
}

/** A dispatcher over a log of one epoch that has been loaded; `add` adds the next message. */
function create (t: Test, historySize = 10): Parts {
  const history = new History(parsed({ historySize }))
  const logPosition = new LogPosition()
  logPosition.begin('e', 0)
  logPosition.isLoading = false
  const batches = new BatchCache(logPosition.toCursor)
  const dispatcher = new Dispatcher({ history, logPosition, batches, onFault: t.threw })
  t.teardown(() => { dispatcher.close() })
  const add = (channel: string, data = '1'): void => {
    const message = history.add(channel, logPosition.end + 1, logPosition.toCursor(logPosition.end + 1), data)
    logPosition.end++
    dispatcher.add(message.channel, message.frameBytes)
  }
  return { dispatcher, history, logPosition, add }
}

/** A user that notes what it is asked for. */
function recorder (): { user: ChannelUser, calls: unknown[] } {
  const calls: unknown[] = []
  return { calls, user: { serve (from, to) { calls.push([from, to]) }, restart () { calls.push('restart') } } }
}

t.test('serves the users of the channels that have news, once a tick', async (t) => {
  const { dispatcher, add } = create(t)
  const [a, b] = [recorder(), recorder()]
  dispatcher.attach('a', a.user)
  dispatcher.attach('b', b.user)
  add('a')
  add('a')
  t.same([a.calls, dispatcher.position], [[], 0])
  await turn()
  t.same([a.calls, b.calls, dispatcher.position], [[[0, 2]], [], 2])
})

t.test('who comes gets nothing of what was published before', async (t) => {
  const { dispatcher, add } = create(t)
  const first = recorder()
  dispatcher.attach('a', first.user)
  add('a')
  const second = recorder()
  dispatcher.attach('a', second.user)
  t.same([first.calls, second.calls], [[[0, 1]], []])
  add('a')
  const inbox = new Inbox()
  dispatcher.subscribe(['a']).attach(inbox)
  await turn()
  t.same([first.calls, second.calls, inbox.positions], [[[0, 1], [1, 2]], [[1, 2]], []])
})

t.test('evicts nothing before it was delivered', async (t) => {
  const { dispatcher, history, add } = create(t, 0)
  const retained: number[] = []
  dispatcher.attach('a', { serve () { retained.push(history.messages) }, restart () {} })
  add('a')
  add('a')
  t.equal(history.served, 0)
  dispatcher.flush()
  t.same([retained, history.served, history.messages], [[2], 2, 0])
})

t.test('what is published in a round is delivered in the next tick', async (t) => {
  const { dispatcher, add } = create(t)
  const calls: [number, number][] = []
  dispatcher.attach('a', {
    serve (from, to) {
      calls.push([from, to])
      if (to < 3) add('a')
      dispatcher.flush()
    },
    restart () {}
  })
  add('a')
  dispatcher.flush()
  t.same(calls, [[0, 1]])
  await turn()
  await turn()
  t.same(calls, [[0, 1], [1, 2], [2, 3]])
})

t.test('what is being loaded is delivered to nobody', async (t) => {
  const { dispatcher, logPosition, add } = create(t)
  const { user, calls } = recorder()
  dispatcher.attach('a', user)
  logPosition.isLoading = true
  add('a')
  dispatcher.flush()
  t.same([calls, dispatcher.position], [[], 1])
})

t.test('another epoch restarts all users at its origin, the first one nobody', async (t) => {
  const { dispatcher, logPosition } = create(t)
  const { user, calls } = recorder()
  dispatcher.attach('a', user)
  logPosition.begin('f', 7)
  dispatcher.restart(true)
  t.same([calls, dispatcher.position], [[], 7])
  logPosition.begin('g', 9)
  dispatcher.restart(false)
  t.same([calls, dispatcher.position], [['restart'], 9])
})

t.test('a loss is for the users of all channels', async (t) => {
  const { dispatcher, logPosition } = create(t)
  const [a, b] = [recorder(), recorder()]
  dispatcher.attach('a', a.user)
  dispatcher.attach('b', b.user)
  logPosition.end = 5
  dispatcher.announceLoss()
  t.same([a.calls, b.calls], [[[0, 5]], [[0, 5]]])
})
