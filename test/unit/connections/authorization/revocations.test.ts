import t from 'tap'
import { type Matches, Revocations } from '../../../../lib/connections/authorization/revocations.ts'

const ANN = { client: 'c', user: 'ann' }
const BOB = { client: 'd', user: 'bob' }

function user (name: string): Matches {
  return (identity) => identity.user === name
}

t.test('who was disconnected after the question is revoked, and nobody else', async (t) => {
  const revocations = new Revocations()
  revocations.add(user('ann'))
  const inquiry = revocations.inquire()
  t.equal(inquiry.isRevoked(ANN, ['a']), false, 'before the question')
  revocations.add(user('ann'))
  t.same([inquiry.isRevoked(ANN, ['a']), inquiry.isRevoked(BOB, ['a'])], [true, false])
})

t.test('the channels count as well', async (t) => {
  const revocations = new Revocations()
  const inquiry = revocations.inquire()
  revocations.add((_identity, channels) => channels.includes('a'))
  t.same([inquiry.isRevoked(ANN, ['a', 'b']), inquiry.isRevoked(ANN, ['b'])], [true, false])
})

t.test('what is disconnected in the question itself is not after it', async (t) => {
  const revocations = new Revocations()
  const inquiry = revocations.inquire()
  t.equal(inquiry.ask(() => { revocations.add(user('ann')); return 'yes' }), 'yes')
  t.equal(inquiry.isRevoked(ANN, []), false)
  revocations.add(user('ann'))
  t.equal(inquiry.isRevoked(ANN, []), true)
})

t.test('what is disconnected while an asynchronous question is answered revokes the answer', async (t) => {
  const revocations = new Revocations()
  const inquiry = revocations.inquire()
  await inquiry.ask(async () => {
    await new Promise(setImmediate)
    revocations.add(user('ann'))
  })
  t.same([inquiry.isRevoked(ANN, []), inquiry.isRevoked(BOB, [])], [true, false])
})

t.test('nothing is kept while no question is open, nor afterwards', async (t) => {
  const revocations = new Revocations()
  revocations.add(user('ann'))
  t.equal(revocations.since(0), undefined)
  const [one, other] = [revocations.inquire(), revocations.inquire()]
  revocations.add(user('ann'))
  one.close()
  one.close()
  t.equal(revocations.since(1)?.length, 1, 'the other is still open')
  other.close()
  t.equal(revocations.since(1), undefined)
  t.equal(revocations.next, 2)
})

t.test('a question that is open for too many of them is taken for revoked', async (t) => {
  const revocations = new Revocations()
  const old = revocations.inquire()
  for (let i = 0; i < 1000; i++) revocations.add(user('bob'))
  t.equal(old.isRevoked(ANN, []), false)
  const young = revocations.inquire()
  revocations.add(user('bob'))
  t.same([old.isRevoked(ANN, []), young.isRevoked(ANN, [])], [true, false])
})
