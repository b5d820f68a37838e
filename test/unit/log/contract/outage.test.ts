import t from 'tap'
import { outageContract } from '../../../../lib/log/contract/outage.ts'

const titles = (can: Parameters<typeof outageContract>[0]): string[] => Object.keys(outageContract(can))

t.test('without abilities there is nothing to test', async (t) => {
  t.same(titles({}), [])
})

t.test('each ability has tests of its own, and a cut together with a trim has one more', async (t) => {
  const each = (['cut', 'restart', 'forget', 'trim'] as const).map((ability) => titles({ [ability]: true }))
  for (const own of each) t.ok(own.length > 0, own.join(', '))
  const all = titles({ cut: true, restart: true, forget: true, trim: true })
  t.equal(new Set(each.flat()).size, each.flat().length)
  t.equal(all.length, each.flat().length + 1)
  t.match(all.filter((title) => !each.flat().includes(title)), [/lost/])
})
