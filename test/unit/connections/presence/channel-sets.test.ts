import t from 'tap'
import { ChannelSets } from '../../../../lib/connections/presence/channel-sets.ts'

t.test('members with the same channels, in whatever order, are in one set', async (t) => {
  const sets = new ChannelSets<string>()
  const set = sets.join(['b', 'a'], 'ann')
  t.equal(sets.join(['a', 'b'], 'bob'), set)
  t.not(sets.join(['a'], 'eve'), set)
  t.same(sets.members('a'), ['ann', 'bob', 'eve'])
  t.same(sets.members('b'), ['ann', 'bob'])
  t.same(sets.members('c'), [])
  t.same([sets.has(set, 'a'), sets.has(set, 'c')], [true, false])
})

t.test('a set that nobody is in is gone, and its channels with it', async (t) => {
  const sets = new ChannelSets<string>()
  const set = sets.join(['a', 'b'], 'ann')
  sets.join(['a'], 'bob')
  sets.part(set, 'ann')
  t.same([sets.members('a'), sets.members('b'), sets.has(set, 'a'), sets.has(set, 'b')], [['bob'], [], false, false])
  t.not(sets.join(['a', 'b'], 'ann'), set)
})

t.test('a set that was the first of its channel may go before the others', async (t) => {
  const sets = new ChannelSets<string>()
  const [first, second, third] = [sets.join(['a'], '0'), sets.join(['a', 'b'], '1'), sets.join(['a', 'c'], '2')]
  sets.part(first, '0')
  t.same(
    [sets.members('a'), sets.has(first, 'a'), sets.has(second, 'a'), sets.has(third, 'a')],
    [['1', '2'], false, true, true]
  )
  sets.join(['a', 'd'], '3')
  t.same(sets.members('a').sort(), ['1', '2', '3'])
})

t.test('channels are counted as idle while no member of their set is connected', async (t) => {
  const sets = new ChannelSets<string>()
  const set = sets.join(['a', 'b'], 'ann')
  const counts = [sets.idle]
  for (const step of [
    () => { sets.connect(set) },
    () => { sets.connect(sets.join(['a', 'b'], 'bob')) },
    () => { sets.disconnect(set) },
    () => { sets.disconnect(set) },
    () => { sets.join(['c'], 'eve') },
    () => { sets.part(set, 'ann') },
    () => { sets.part(set, 'bob') }
  ]) {
    step()
    counts.push(sets.idle)
  }
  t.same(counts, [2, 0, 0, 0, 2, 3, 3, 1])
})
