import t from 'tap'
import { Feed } from '../../lib/client/feed.ts'
import type { Frame } from '../../lib/protocol.ts'

const open = (cursor: string): Frame => ({ type: 'open', cursor, resumed: true, heartbeat: 1000, poll: 1000 })

t.test('a channel that joins anew, and is carried still, holds no other up', async (t) => {
  const told: string[] = []
  const nothing = (): void => {}
  const feed = new Feed({ message: ({ id }) => { told.push(id) }, gap: nothing, denied: nothing, heartbeat: nothing }, null)
  feed.want('a', 0)
  feed.want('b', 0)
  const carrier = feed.ask(false)
  feed.take(carrier, open('0'))

  feed.unwant('a')
  feed.ask(true)
  feed.forgetBeside()
  feed.want('a', 0)
  const candidate = feed.ask(true)
  feed.take(carrier, { id: '1', channel: 'a', data: null })
  feed.take(carrier, { id: '2', channel: 'b', data: null })
  feed.overtake()

  feed.take(candidate, open('0'))
  feed.take(candidate, { id: '2', channel: 'b', data: null })
  feed.take(candidate, { type: 'joined', channels: ['a'], cursor: '2' })
  feed.take(candidate, { id: '3', channel: 'b', data: null })
  feed.take(candidate, { id: '4', channel: 'a', data: null })
  t.same(told, ['2', '3', '4'])
})
