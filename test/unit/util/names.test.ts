import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { hasNameCharacters, ownString, pairKey, setKey } from '../../../lib/util/names.ts'

const many = Array.from({ length: 40 }, (_, i) => `secret-${i}`)

t.test('hasNameCharacters: neither a control character nor a lone surrogate', async (t) => {
  const fit = ['', 'chat', 'ä\u{1f4a9}', '\u2028', '"\\ *.>']
  t.same(fit.filter(hasNameCharacters), fit)
  t.same(['a\nb', '\0', '\u007f', '\u0085', '\ud800', 'a\udc00'].filter(hasNameCharacters), [])
})

t.test('pairKey: two pairs have two keys', async (t) => {
  const pairs = [['a', 'b'], ['b', 'a'], ['a', 'bb'], ['ab', 'b'], ['', 'ab'], ['ab', '']] as const
  t.equal(new Set(pairs.map(([first, second]) => pairKey(first, second))).size, pairs.length)
})

t.test('setKey: the order of the channels does not matter', async (t) => {
  t.equal(setKey(['b', 'a']), setKey(['a', 'b']))
  t.equal(setKey([...many].reverse()), setKey(many))
})

t.test('setKey: two sets have two keys', async (t) => {
  t.not(setKey(['a']), setKey(['a', 'b']))
  t.not(setKey(many), setKey([...many, 'another']))
})

t.test('setKey: the key of many channels is short', async (t) => {
  t.ok(setKey(many).length < 64)
})

t.test('setKey: no channel can have the key of a set of others', async (t) => {
  for (const channels of [['a', 'b'], many]) t.notOk(hasNameCharacters(setKey(channels)), String(channels.length))
})

t.test('ownString: a copy is equal, whatever is in it', async (t) => {
  for (const text of ['', 'chat', 'ä\u{1f4a9}', '\ud800', '"\\\n\u2028']) t.equal(ownString(text), text)
})

t.test('ownString: a copy retains nothing of the text that it was cut out of', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heapUsed = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = heapUsed()
  const names = Array.from({ length: 1000 }, (_, i) =>
    ownString(`${i}${'x'.repeat(20)}`.padEnd(50_000, 'y').slice(0, 20)))
  const kept = heapUsed() - before
  t.ok(kept < 5_000_000, `${kept} bytes are retained for ${names.length} names, of 50 MB`)
})
