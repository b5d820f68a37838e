import t from 'tap'
import { AnswerCache, MAX_ANSWERS } from '../../../../lib/connections/authorization/answer-cache.ts'
import { stopClock } from '../../../fixtures/bus.ts'

const CHANNELS = Array.from({ length: 130 }, (_, i) => `channel-${i}`)

t.test('an answer is that of its question, whichever channels it allowed', async (t) => {
  const cache = new AnswerCache(1000)
  for (const channels of [
    CHANNELS,
    CHANNELS.slice(0, 1),
    CHANNELS.slice(-1),
    CHANNELS.filter((_, i) => i % 3 === 0),
    ['channel-129', 'channel-0']
  ]) {
    const allowed = CHANNELS.filter((channel) => channels.includes(channel))
    cache.remember('key', CHANNELS, 0, { user: 'ann', channels: allowed })
    t.same(cache.find('key', [...CHANNELS], 0), { user: 'ann', channels: allowed })
  }
  cache.remember('key', CHANNELS, 0, { user: undefined, channels: CHANNELS })
  t.same(cache.find('key', CHANNELS, 0), { user: undefined, channels: CHANNELS })
  t.equal(cache.find('another', CHANNELS, 0), undefined)
})

t.test('an answer is good until its time is over, and for no more of the past', async (t) => {
  const pass = stopClock(t)
  const cache = new AnswerCache(100)
  cache.remember('key', CHANNELS, 5, { user: 'ann', channels: CHANNELS })
  pass(99)
  t.same([cache.find('key', CHANNELS, 6), cache.find('key', CHANNELS, 5)?.user], [undefined, 'ann'])
  pass(1)
  t.equal(cache.find('key', CHANNELS, 5), undefined)
})

t.test('of too many answers the oldest are forgotten', async (t) => {
  const cache = new AnswerCache(1_000_000)
  for (let i = 0; i < MAX_ANSWERS; i++) cache.remember(`${i}`, ['a'], 0, { user: 'ann', channels: ['a'] })
  cache.remember('0', ['a'], 0, { user: 'bob', channels: ['a'] })
  cache.remember('last', ['a'], 0, { user: 'ann', channels: ['a'] })
  const users = ['0', '1', '2', 'last'].map((key) => cache.find(key, ['a'], 0)?.user)
  t.same(users, ['bob', undefined, 'ann', 'ann'])
})

t.test('answers whose time is over are forgotten', async (t) => {
  const pass = stopClock(t)
  const cache = new AnswerCache(100)
  cache.remember('old', ['a'], 0, { user: 'ann', channels: ['a'] })
  pass(50)
  cache.remember('new', ['a'], 0, { user: 'ann', channels: ['a'] })
  cache.tick(performance.now() + 50)
  t.same(['old', 'new'].map((key) => cache.find(key, ['a'], 0)?.user), [undefined, 'ann'])
})
