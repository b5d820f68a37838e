import t from 'tap'
import { anonymous, digest, isNamed } from '../../../../lib/connections/presence/identity.ts'

t.test('a digest is the same for the same secret, and shows nothing of it', async (t) => {
  const secret = 's'.repeat(22)
  t.equal(digest(secret), digest(secret))
  t.not(digest(secret), digest(`${secret}s`))
  t.match(digest(secret), /^[A-Za-z0-9+/]{22}$/)
})

t.test('a connection without a secret has a name that no secret can have', async (t) => {
  t.equal(isNamed({ client: 'c'.repeat(22), user: undefined }), true)
  t.equal(isNamed({ client: anonymous(7), user: 'ann' }), false)
  t.not(anonymous(7), anonymous(8))
})
