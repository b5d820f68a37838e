import t from 'tap'
import { LogPosition } from '../../../lib/bus/log-position.ts'

t.test('begins with an epoch, at its origin', async (t) => {
  const position = new LogPosition()
  t.same([position.hasBegun, position.isLoading], [false, true])
  position.begin('e', 7)
  t.same([position.hasBegun, position.epoch, position.origin, position.end], [true, 'e', 7, 7])
})

t.test('a cursor names an offset of the epoch that has been read', async (t) => {
  const position = new LogPosition()
  position.begin('e', 7)
  position.end = 9
  t.equal(position.toCursor(8), 'e-8')
  t.same(['e-8', 'e-9', 'e-0'].map((cursor) => position.toOffset(cursor)), [8, 9, 0])
  for (const cursor of ['e-10', 'f-8', 'e', 'e-', 'e-x', 'e-1-1', '-e-8', `e-${'1'.repeat(17)}`, 'earliest']) {
    t.equal(position.toOffset(cursor), undefined, cursor)
  }
})
