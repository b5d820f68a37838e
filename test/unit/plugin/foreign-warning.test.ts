import type { FastifyBaseLogger } from 'fastify'
import t from 'tap'
import { foreignWarning } from '../../../lib/plugin/foreign-warning.ts'
import { stopClock } from '../../fixtures/bus.ts'

t.test('entries of something else are logged at once, and then with their number once a minute', async (t) => {
  const pass = stopClock(t)
  const lines: string[] = []
  const warned = foreignWarning({
    level: 'warn',
    warn: (line: string) => {
      lines.push(line)
    },
    error () {},
    info () {}
  } as unknown as FastifyBaseLogger)
  for (const reason of ['one', 'two', 'three']) warned(reason)
  pass(60_000)
  warned('four')
  t.match(lines, [/skipped 1 entry .* because one/, /skipped 3 entries .* because four/])
  t.equal(lines.length, 2)
})
