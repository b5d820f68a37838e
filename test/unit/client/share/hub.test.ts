import { once } from 'node:events'
import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads'
import t from 'tap'
import { Comet } from '../../../../lib/client/comet.ts'
import type { CometOptions } from '../../../../lib/client/options.ts'
import { Hub } from '../../../../lib/client/share/hub.ts'
import type { FromTab, ToTab } from '../../../../lib/client/share/messages.ts'
import { nodeEnv } from '../../../fixtures/client-env.ts'
import { setUp } from '../../../fixtures/client-setup.ts'
import { freePort } from '../../../fixtures/ports.ts'

class NodeComet extends Comet {
  constructor (url: string, options?: CometOptions) {
    super(url, options, nodeEnv())
  }
}

class Tab {
  readonly heard: ToTab[] = []
  readonly #port: NodePort

  constructor (hub: Hub) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.on('message', (what: ToTab) => { this.heard.push(what) })
    hub.add(port2 as unknown as MessagePort)
  }

  say (what: FromTab): void {
    this.#port.postMessage(what)
  }

  async hears (matches: (what: ToTab) => boolean): Promise<void> {
    while (!this.heard.some(matches)) await once(this.#port, 'message')
  }

  async closed (): Promise<void> {
    await once(this.#port, 'close')
  }

  close (): void {
    this.#port.close()
  }
}

const isFrame = (what: ToTab): boolean => what.do === 'frame'

t.test('a tab that has said goodbye is told nothing more, the others are', async (t) => {
  const { app, port } = await setUp(t)
  const hub = new Hub(NodeComet, JSON.stringify({
    version: 3, url: `http://127.0.0.1:${port}/comet`, options: {}, params: false, headers: false
  }))
  const [one, other] = [new Tab(hub), new Tab(hub)]
  for (const tab of [one, other]) tab.say({ do: 'subscribe', id: 1, channel: 'a', history: 0 })
  await Promise.all([one, other].map((tab) => tab.hears((what) => what.do === 'event' && what.value === 'open')))
  await app.comet.publish('a', 1)
  await Promise.all([one.hears(isFrame), other.hears(isFrame)])
  one.say({ do: 'closed' })
  other.say({ do: 'unsubscribe', id: 1 })
  await other.hears((what) => what.do === 'event' && what.value === 'idle')
  t.notOk(one.heard.some((what) => what.do === 'event' && what.value === 'idle'))
  one.close()
  other.close()
})

t.test('the port of a tab that has said goodbye is closed', async (t) => {
  const { port } = await setUp(t)
  const tab = new Tab(new Hub(NodeComet, JSON.stringify({
    version: 3, url: `http://127.0.0.1:${port}/comet`, options: {}, params: false, headers: false
  })))
  tab.say({ do: 'closed' })
  await tab.closed()
  t.pass('by the worker')
})

t.test('a question that no tab has answered is put to the tabs that come later, and then forgotten', async (t) => {
  const { port } = await setUp(t)
  const hub = new Hub(NodeComet, JSON.stringify({
    version: 3, url: `http://127.0.0.1:${port}/comet`, options: {}, params: true, headers: false
  }))
  const frozen = new Tab(hub)
  frozen.say({ do: 'subscribe', id: 1, channel: 'a', history: 0 })
  await frozen.hears((what) => what.do === 'ask')
  const tab = new Tab(hub)
  tab.say({ do: 'subscribe', id: 1, channel: 'b', history: 0 })
  await tab.hears((what) => what.do === 'ask')
  const asked = tab.heard.find((what) => what.do === 'ask')
  if (asked?.do === 'ask') tab.say({ do: 'answer', question: asked.question, value: { ticket: 1 } })
  await tab.hears((what) => what.do === 'event' && what.value === 'open')
  const late = new Tab(hub)
  await late.hears((what) => what.do === 'event')
  t.notOk(late.heard.some((what) => what.do === 'ask'))
  for (const one of [frozen, tab, late]) one.say({ do: 'closed' })
  await Promise.all([frozen, tab, late].map((one) => one.closed()))
})

t.test('tabs are told why the client waits, with the state and as an error', async (t) => {
  const hub = new Hub(NodeComet, JSON.stringify({
    version: 3, url: `http://127.0.0.1:${await freePort()}/comet`, options: {}, params: false, headers: false
  }))
  const tab = new Tab(hub)
  tab.say({ do: 'subscribe', id: 1, channel: 'a', history: 0 })
  await tab.hears((what) => what.do === 'event' && what.name === 'error')
  const expected = { code: 'COMET_ERR_NETWORK', message: /no answer/, retrying: true, retryIn: Number }
  t.match(tab.heard.find((what) => what.do === 'event' && what.name === 'error'), { value: expected })
  t.match(tab.heard.find((what) => what.do === 'event' && what.value === 'waiting'), { error: expected })
  tab.say({ do: 'closed' })
  await tab.closed()
})
