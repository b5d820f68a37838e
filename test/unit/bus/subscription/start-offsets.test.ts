import t from 'tap'
import { Channel } from '../../../../lib/history/channel.ts'
import { firstAfter, floorOf, floorsAbove, withinBytes } from '../../../../lib/bus/subscription/start-offsets.ts'
import { LIMITS, stored } from '../../../fixtures/engine.ts'

function channel (name: string, offsets: readonly number[], evicted = 0, frameBytes = 10): Channel {
  const channel = new Channel(name, LIMITS, evicted)
  for (const offset of offsets) channel.retain(stored(channel, offset, frameBytes))
  return channel
}

t.test('above the floor lie the last messages wanted', async (t) => {
  const a = channel('a', [2, 5, 7, 9])
  t.same([1, 2, 3, 4].map((count) => floorOf(a, count)), [7, 5, 2, 0])
})

t.test('who wants none starts after the newest, held or not', async (t) => {
  t.equal(floorOf(channel('a', [2, 5]), 0), 5)
  t.equal(floorOf(channel('a', [], 4), 0), 4)
})

t.test('who wants more than is held starts after what was evicted', async (t) => {
  t.equal(floorOf(channel('a', [4, 5], 3), 2), 3)
  t.equal(floorOf(channel('a', [4, 5], 3), 100), 3)
  t.equal(floorOf(channel('a', [], 3), 5), 3)
})

t.test('the first message after an offset', async (t) => {
  const a = channel('a', [2, 5])
  t.same([0, 1, 2, 4, 5].map((offset) => firstAfter(a, offset)), [2, 2, 5, 5, Infinity])
})

t.test('a floor matters until the position has reached it', async (t) => {
  const [a, b] = [channel('a', []), channel('b', [])]
  const floors = new Map([[a, 3], [b, 5]])
  t.same([...floorsAbove(floors, 2) ?? []], [[a, 3], [b, 5]])
  t.same([...floorsAbove(floors, 3) ?? []], [[b, 5]])
  t.equal(floorsAbove(floors, 5), undefined)
  t.equal(floorsAbove(undefined, 0), undefined)
})

t.test('floors stay where all above them fits', async (t) => {
  const a = channel('a', [1, 3])
  const b = channel('b', [2, 4])
  const floors = new Map([[a, 0], [b, 0]])
  t.equal(withinBytes(floors, 40), floors)
  t.equal(withinBytes(floors, Infinity), floors)
})

t.test('floors rise until the newest of all channels fit', async (t) => {
  const a = channel('a', [1, 3, 9])
  const b = channel('b', [2, 4])
  t.same([...withinBytes(new Map([[a, 0], [b, 0]]), 39)], [[a, 2], [b, 2]])
  t.same([...withinBytes(new Map([[a, 3], [b, 0]]), 20)], [[a, 3], [b, 2]])
  t.same([...withinBytes(new Map([[a, 0], [b, 0]]), 5)], [[a, 9], [b, 9]])
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
  withinBytes(new Map(channels.map((each) => [each, 0])), 100)
  t.ok(looked.length <= 20, `${looked.length} of 1000`)
  withinBytes(new Map(channels.map((each) => [each, 0])), Infinity)
  t.ok(looked.length <= 20, 'and none where all fits')
})
