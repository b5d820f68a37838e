import { once } from 'node:events'
import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads'
import t from 'tap'
import { Comet } from '../../lib/client/comet.ts'
import type { CometOptions } from '../../lib/client/options.ts'
import { Hub } from '../../lib/client/share/hub.ts'
import type { FromTab, ToTab } from '../../lib/client/share/protocol.ts'
import { nodeEnv } from '../fixtures/client-env.ts'
import { setUp } from '../fixtures/client-setup.ts'

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
  const hub = new Hub(NodeComet, JSON.stringify({ version: 2, url: `http://127.0.0.1:${port}/comet`, options: {}, params: false, headers: false }))
  const [one, other] = [new Tab(hub), new Tab(hub)]
  for (const tab of [one, other]) tab.say({ do: 'want', seat: 1, channel: 'a', history: 0 })
  await Promise.all([one, other].map((tab) => tab.hears((what) => what.do === 'event' && what.value === 'open')))
  await app.comet.publish('a', 1)
  await Promise.all([one.hears(isFrame), other.hears(isFrame)])
  one.say({ do: 'bye' })
  other.say({ do: 'unwant', seat: 1 })
  await other.hears((what) => what.do === 'event' && what.value === 'idle')
  t.notOk(one.heard.some((what) => what.do === 'event' && what.value === 'idle'))
  one.close()
  other.close()
})

t.test('the port of a tab that has said goodbye is closed', async (t) => {
  const { port } = await setUp(t)
  const tab = new Tab(new Hub(NodeComet, JSON.stringify({ version: 2, url: `http://127.0.0.1:${port}/comet`, options: {}, params: false, headers: false })))
  tab.say({ do: 'bye' })
  await tab.closed()
  t.pass('by the worker')
})
