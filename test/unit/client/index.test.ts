import t from 'tap'
import { Comet as Classic } from '../../../lib/client/comet.ts'
import { Comet } from '../../../lib/client/index.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'

t.test('the module is the classic client, with channels to iterate over', async (t) => {
  const comet = new Comet('http://127.0.0.1:1/comet', {}, nodeEnv())
  t.type(comet, Classic)
  const messages = comet.channel('a')[Symbol.asyncIterator]()
  comet.close()
  await t.rejects(async () => messages.next(), { code: 'COMET_ERR_CLOSED' })
})
