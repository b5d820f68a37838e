import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { ownString } from '../../../lib/util/own-string.ts'

t.test('a copy is equal, whatever is in it', async (t) => {
  for (const text of ['', 'chat', 'ä\u{1f4a9}', '\ud800', '"\\\n\u2028']) t.equal(ownString(text), text)
})

t.test('a copy keeps nothing of the text that it was cut out of', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heapUsed = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = heapUsed()
  const names = Array.from({ length: 1000 }, (_, i) => ownString(`${i}${'x'.repeat(20)}`.padEnd(50_000, 'y').slice(0, 20)))
  const kept = heapUsed() - before
  t.ok(kept < 5_000_000, `${kept} bytes are kept for ${names.length} names, of 50 MB`)
})
