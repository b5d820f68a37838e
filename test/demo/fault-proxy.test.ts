import { once } from 'node:events'
import { createServer, get } from 'node:http'
import { text } from 'node:stream/consumers'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { FaultProxy } from '../../demo/fault-proxy.ts'

interface Behind {
  proxy: FaultProxy
  port: number
  /** Resolves with the next response that the server behind the proxy may answer. */
  next (): Promise<ServerResponse>
}

async function proxyTo (t: Test): Promise<Behind> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = new FaultProxy(() => (server.address() as AddressInfo).port)
  t.teardown(async () => {
    await proxy.close()
    server.close()
    server.closeAllConnections()
  })
  return {
    proxy,
    port: await proxy.listen('127.0.0.1', 0),
    next: async () => {
      const [, response] = await once(server, 'request') as [IncomingMessage, ServerResponse]
      return response
    }
  }
}

function ask (port: number, path = '/'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, resolve).on('error', reject)
  })
}

async function chunk (answer: IncomingMessage): Promise<string> {
  const [data] = await once(answer, 'data') as [Buffer]
  return data.toString()
}

t.test('pass: each chunk goes on as it comes, with status and headers', async (t) => {
  const { port, next } = await proxyTo(t)
  const [served, answer] = await Promise.all([
    next().then((response) => {
      response.writeHead(203, { 'x-kind': 'stream' })
      response.write('one')
      return response
    }),
    ask(port)
  ])
  t.equal(answer.statusCode, 203)
  t.equal(answer.headers['x-kind'], 'stream')
  t.equal(await chunk(answer), 'one')
  served.write('two')
  t.equal(await chunk(answer), 'two')
})

t.test('buffer: nothing arrives before the answer is complete', async (t) => {
  const { proxy, port, next } = await proxyTo(t)
  proxy.setMode('buffer')
  const asked = ask(port)
  const served = await next()
  served.write('one')
  const first = await Promise.race([asked.then(() => 'answer'), new Promise((resolve) =>
    setTimeout(resolve, 100, 'silence'))])
  t.equal(first, 'silence')
  served.end('two')
  t.equal(await text(await asked), 'onetwo')
})

t.test('buffer: what is held goes on when the mode ends', async (t) => {
  const { proxy, port, next } = await proxyTo(t)
  proxy.setMode('buffer')
  const asked = ask(port)
  const served = await next()
  await new Promise((resolve) => served.write('held', resolve))
  proxy.setMode('pass')
  t.equal(await chunk(await asked), 'held')
})

t.test('stall: a new request is accepted, and asked only when the mode ends', async (t) => {
  const { proxy, port, next } = await proxyTo(t)
  proxy.setMode('stall')
  const asked = ask(port)
  const reached = next()
  const first = await Promise.race([reached.then(() => 'asked'), new Promise((resolve) =>
    setTimeout(resolve, 100, 'silence'))])
  t.equal(first, 'silence')
  proxy.setMode('pass')
  const served = await reached
  served.end('late')
  t.equal(await chunk(await asked), 'late')
})

t.test('stall: an answer under way falls silent, and goes on where it was', async (t) => {
  const { proxy, port, next } = await proxyTo(t)
  const asked = ask(port)
  const served = await next()
  served.write('before')
  const answer = await asked
  t.equal(await chunk(answer), 'before')
  proxy.setMode('stall')
  served.write('after')
  const first = await Promise.race([chunk(answer), new Promise((resolve) => setTimeout(resolve, 100, 'silence'))])
  t.equal(first, 'silence')
  const rest = chunk(answer)
  proxy.setMode('pass')
  t.equal(await rest, 'after')
})

t.test('cut: the client sees a broken connection, and the server behind is told', async (t) => {
  const { proxy, port, next } = await proxyTo(t)
  const asked = ask(port)
  const served = await next()
  served.write('one')
  const answer = await asked
  const [[error]] = await Promise.all([once(answer, 'error'), once(served, 'close'), proxy.cut()])
  t.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET')
})

t.test('a body reaches the server behind', async (t) => {
  const { port, next } = await proxyTo(t)
  const answer = fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'said' })
  const response = await next()
  response.end(await text(response.req))
  t.equal(await (await answer).text(), 'said')
})

t.test('a server that is not there is answered with 502', async (t) => {
  const proxy = new FaultProxy(() => 1)
  t.teardown(() => proxy.close())
  const answer = await ask(await proxy.listen('127.0.0.1', 0))
  t.equal(answer.statusCode, 502)
})

t.test('a port that is taken is replaced by another one', async (t) => {
  const { port } = await proxyTo(t)
  const other = new FaultProxy(() => 1)
  t.teardown(() => other.close())
  const replacement = await other.listen('127.0.0.1', port)
  t.not(replacement, port)
  t.equal((await ask(replacement)).statusCode, 502)
})

t.test('tells which of several nodes has answered', async (t) => {
  const { proxy, port, next } = await proxyTo(t)
  for (const node of ['A', 'B', 'A']) {
    const [, answer] = await Promise.all([
      next().then((response) => response.setHeader('x-demo-node', node).end()), ask(port, '/?page=a')
    ])
    answer.resume()
    await once(answer, 'close')
  }
  t.match(proxy.meter.read().get('a'), { node: 'A', nodes: { A: 2, B: 1 } })
})

t.test('counts requests and bytes of each page', async (t) => {
  const { proxy, port, next } = await proxyTo(t)
  for (const path of ['/?page=a', '/?page=a', '/?page=b', '/?page=not%20a%20page']) {
    const [, answer] = await Promise.all([next().then((response) => response.end('x'.repeat(1000))), ask(port, path)])
    answer.resume()
    await once(answer, 'close')
  }
  const costs = proxy.meter.read()
  t.equal(costs.get('a')?.requests, 2)
  t.equal(costs.get('b')?.requests, 1)
  t.equal(costs.get('others')?.requests, 1)
  t.ok(Number(costs.get('a')?.bytes) > 2000)
  t.ok(Number(costs.get('b')?.bytes) > 1000 && Number(costs.get('b')?.bytes) < 2000)
})
