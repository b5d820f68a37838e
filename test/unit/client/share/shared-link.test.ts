// The tab's side of a shared connection, with a worker that a test speaks for.
import t from 'tap'
import { Comet, type CometError } from '../../../../lib/client/index.ts'
import type { FromTab, ToTab } from '../../../../lib/client/share/messages.ts'
import { nodeEnv } from '../../../fixtures/client-env.ts'
import { LightPage, pageEnv } from '../../../fixtures/light-page.ts'

function open (options: object = {}) {
  const said: FromTab[] = []
  const port = {
    postMessage: (what: FromTab) => {
      said.push(structuredClone(what))
    },
    onmessage: (_event: { data: ToTab }) => {}
  }
  const page = new LightPage('http://127.0.0.1:1', () => { throw new Error('no request is made') })
  const env = nodeEnv({ ...pageEnv(page), SharedWorker: class { port = port } as never })
  const comet = new Comet('http://127.0.0.1:1/comet', { share: true, ...options }, env)
  comet.subscribe('a', () => {})
  return { comet, said, hear: (what: object) => { port.onmessage({ data: { cursor: null, ...what } as ToTab }) } }
}

t.test('a state that it has already is not told again', async (t) => {
  const { comet, hear } = open()
  const states: string[] = [comet.state]
  comet.on('state', (state) => { states.push(state) })
  for (const value of ['connecting', 'connecting', 'open', 'open', 'waiting', 'connecting']) {
    hear({ do: 'event', name: 'state', value })
  }
  comet.close()
  t.same(states, ['connecting', 'open', 'waiting', 'connecting', 'closed'])
})

t.test('an error of the worker is one here', async (t) => {
  const { comet, hear } = open()
  const plain = { code: 'COMET_ERR_NETWORK', message: 'no answer', retrying: true, retryIn: 7 }
  let told: CometError | undefined
  comet.on('error', (error) => { told = error })
  hear({ do: 'event', name: 'state', value: 'waiting', error: plain })
  t.type(comet.error, Error)
  t.match(comet.error, plain)
  hear({ do: 'event', name: 'error', value: plain })
  t.type(told, Error)
  t.match(told, plain)
  comet.close()
})

t.test('answers the worker with what params bring, or with why there is nothing', async (t) => {
  const answers: [unknown, object][] = [
    [{ a: 1 }, { value: { a: 1 } }],
    [undefined, { value: {} }],
    ['a=1', { error: /must return an object/ }],
    [{ a: () => {} }, { error: /clone/ }]
  ]
  for (const [given, expected] of answers) {
    const { comet, said, hear } = open({ params: () => given })
    hear({ do: 'ask', question: 3, kind: 'params' })
    t.match(said.at(-1), { do: 'answer', question: 3, ...expected })
    comet.close()
  }
})
