import { createHash } from 'node:crypto'
import t from 'tap'
import { sha256 } from '../../../lib/util/digest.ts'

t.test('the digest of a text or of bytes, as base64url', async (t) => {
  for (const text of ['', 'abc', 'ä\u{1f4a9}']) {
    const expected = createHash('sha256').update(text).digest('base64url')
    t.equal(sha256(text), expected)
    t.equal(sha256(Buffer.from(text)), expected)
  }
})
