import t from 'tap'
import { Channel } from '../../../../lib/history/channel.ts'
import {
  historyStarts, retainedStarts, startsAfter, startsWithin
} from '../../../../lib/bus/subscription/start-offsets.ts'
import { LIMITS, stored } from '../../../fixtures/bus.ts'

function channel (name: string, offsets: readonly number[], evicted = 0, frameBytes = 10): Channel {
  const channel = new Channel(name, LIMITS, evicted)
  for (const offset of offsets) channel.retain(stored(channel, offset, frameBytes))
  return channel
}

t.test('the last messages start after the one before them; none of a channel that is not named', async (t) => {
  const [a, b, c] = [channel('a', [2, 5]), channel('b', [3]), channel('c', [4])]
  t.same([...historyStarts([a, b, c], new Map([['a', 1], ['b', 5]])).values()], [2, 0, 4])
})

t.test('what is retained starts after what was evicted, but not before the offset', async (t) => {
  const [a, b] = [channel('a', [5], 4), channel('b', [3])]
  t.same([...retainedStarts([a, b], 2).values()], [4, 2])
})

t.test('a start offset matters until the position has reached it', async (t) => {
  const [a, b] = [channel('a', []), channel('b', [])]
  const starts = new Map([[a, 3], [b, 5]])
  t.same([...startsAfter(starts, 2) ?? []], [[a, 3], [b, 5]])
  t.same([...startsAfter(starts, 3) ?? []], [[b, 5]])
  t.equal(startsAfter(starts, 5), undefined)
  t.equal(startsAfter(undefined, 0), undefined)
})

t.test('start offsets stay where everything after them fits', async (t) => {
  const a = channel('a', [1, 3])
  const b = channel('b', [2, 4])
  const starts = new Map([[a, 0], [b, 0]])
  t.equal(startsWithin(starts, 40), starts)
  t.equal(startsWithin(starts, Infinity), starts)
})

t.test('start offsets rise until the newest of all channels fit', async (t) => {
  const a = channel('a', [1, 3, 9])
  const b = channel('b', [2, 4])
  t.same([...startsWithin(new Map([[a, 0], [b, 0]]), 39)], [[a, 2], [b, 2]])
  t.same([...startsWithin(new Map([[a, 3], [b, 0]]), 20)], [[a, 3], [b, 2]])
  t.same([...startsWithin(new Map([[a, 0], [b, 0]]), 5)], [[a, 9], [b, 9]])
})

t.test('no more messages are looked at than fit', async (t) => {
  const looked: number[] = []
  const channels = ['a', 'b'].map((name, i) => channel(name, Array.from({ length: 500 }, (_, n) => 2 * n + i + 1)))
  for (const each of channels) {
    const { messages } = each
    Object.defineProperty(each, 'messages', {
      value: {
        get length () { return messages.length },
        at (index: number) {
          looked.push(index)
          return messages.at(index)
        },
        last: () => messages.last()
      }
    })
  }
  startsWithin(new Map(channels.map((each) => [each, 0])), 100)
  t.ok(looked.length <= 20, `${looked.length} of 1000`)
  startsWithin(new Map(channels.map((each) => [each, 0])), Infinity)
  t.ok(looked.length <= 20, 'and none where all fits')
})
