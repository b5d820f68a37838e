import t from 'tap'
import { RecentKeys } from '../../../lib/log/recent-keys.ts'

function createKeys (): { keys: RecentKeys, pass: (ms: number) => void } {
  let now = 1000
  return { keys: new RecentKeys(() => now), pass: (ms) => { now += ms } }
}

t.test('finds the offset that a key stands for, on its channel only', async (t) => {
  const { keys } = createKeys()
  keys.remember('chat', 'k', 7)
  t.equal(keys.find('chat', 'k'), 7)
  t.equal(keys.find('other', 'k'), undefined)
  t.equal(keys.find('chat', 'other'), undefined)
})

t.test('no two pairs of channel and key are taken for one another', async (t) => {
  const { keys } = createKeys()
  keys.remember('a', 'bc', 1)
  t.equal(keys.find('ab', 'c'), undefined)
})

t.test('knows a key for 5 minutes', async (t) => {
  const { keys, pass } = createKeys()
  keys.remember('chat', 'k', 7)
  pass(299_999)
  t.equal(keys.find('chat', 'k'), 7)
  pass(1)
  t.equal(keys.find('chat', 'k'), undefined)
  t.equal(keys.size, 0)
})

t.test('a key that has expired may be used again', async (t) => {
  const { keys, pass } = createKeys()
  keys.remember('chat', 'k', 7)
  pass(300_000)
  t.equal(keys.find('chat', 'k'), undefined)
  keys.remember('chat', 'k', 8)
  t.equal(keys.find('chat', 'k'), 8)
})

t.test('keeps no more than 100,000, and lets the oldest go', async (t) => {
  const { keys } = createKeys()
  for (let i = 0; i < 100_010; i++) {
    keys.find('chat', `${i}`)
    keys.remember('chat', `${i}`, i)
  }
  t.equal(keys.find('chat', '0'), undefined)
  t.equal(keys.size, 100_000)
  t.equal(keys.find('chat', '9'), undefined)
  t.equal(keys.find('chat', '10'), 10)
})

t.test('has a clock of its own where none is given', async (t) => {
  const keys = new RecentKeys()
  keys.remember('chat', 'k', 7)
  t.equal(keys.find('chat', 'k'), 7)
})
