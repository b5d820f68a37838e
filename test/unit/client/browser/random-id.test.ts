import t from 'tap'
import type { Env } from '../../../../lib/client/browser/env.ts'
import { randomId } from '../../../../lib/client/browser/random-id.ts'

t.test('an id is 32 hexadecimal digits of the random source', async (t) => {
  let next = 0
  const crypto = { getRandomValues: (bytes: Uint8Array) => bytes.fill(next++) } as unknown as Crypto
  t.equal(randomId({ crypto, Math } as Env), '0123456789abcdef0123456789abcdef')
})

t.test('browsers without crypto use Math.random', async (t) => {
  const digits = new Set<string>()
  for (let i = 0; i < 100; i++) {
    const id = randomId({ Math } as Env)
    t.match(id, /^[\da-f]{32}$/)
    for (const digit of id) digits.add(digit)
  }
  t.equal(digits.size, 16)
})
