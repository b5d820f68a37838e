import { once } from 'node:events'
import t from 'tap'

t.test('the worker gives each tab that connects the one client', async (t) => {
  const scope = {
    setTimeout,
    clearTimeout,
    Math,
    Date,
    name: JSON.stringify({ url: 'http://127.0.0.1:1/comet', options: {} }),
    onconnect (_event: object): void { t.fail('the worker listens to nobody') }
  }
  const before = Object.getOwnPropertyDescriptor(globalThis, 'self')
  Object.defineProperty(globalThis, 'self', { value: scope, configurable: true })
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'self')
    else Object.defineProperty(globalThis, 'self', before)
  })
  await import('../../../lib/client/worker.ts')
  const { port1: tab, port2: port } = new MessageChannel()
  t.teardown(() => { tab.close(); port.close() })
  scope.onconnect({ ports: [port] })
  const [said] = await once(tab, 'message') as [object]
  t.match(said, { do: 'event', name: 'state', cursor: null })
})
