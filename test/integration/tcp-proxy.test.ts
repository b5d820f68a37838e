// The network between nodes and their engine, as tests have it.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { TcpProxy } from '../fixtures/tcp-proxy.ts'

/** A client and what it is connected with over a proxy. */
async function link (t: Test): Promise<{ proxy: TcpProxy, client: Socket, server: Socket }> {
  const listener = createServer().listen(0, '127.0.0.1')
  t.teardown(() => { listener.close() })
  await once(listener, 'listening')
  const proxy = await TcpProxy.start((listener.address() as AddressInfo).port)
  t.teardown(() => proxy.stop())
  const accepted = once(listener, 'connection')
  const client = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true })
  const [server] = await accepted as [Socket]
  return { proxy, client, server }
}

/** All that comes before the end. */
async function all (socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

t.test('bytes stay in order, and arrive before the end, whatever the delay changes to', async (t) => {
  const { proxy, client, server } = await link(t)
  const received = all(server)
  for (const [text, delay] of [['a', 50], ['b', 5], ['c', 20], ['d', 0]] as const) {
    proxy.delay = delay
    client.write(text)
    // A chunk each, mostly.
    await pause(5)
  }
  client.end()
  t.equal(await received, 'abcd')
})

t.test('what is cut is cut for both, and nobody comes through until it is mended', async (t) => {
  const { proxy, client, server } = await link(t)
  const closed = [client, server].map((socket) => new Promise((resolve) => {
    socket.on('error', () => { /* close follows */ }).on('close', resolve)
  }))
  proxy.cut()
  client.resume()
  server.resume()
  await Promise.all(closed)
  const late = connect({ port: proxy.port, host: '127.0.0.1' })
  late.on('error', () => { /* close follows */ })
  await once(late, 'close')
  proxy.mend()
  const again = connect({ port: proxy.port, host: '127.0.0.1' })
  await once(again, 'connect')
  again.destroy()
})
