import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { connect, Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import t from 'tap'
import { Batch } from '../../../../lib/transports/batch.ts'
import { keepOpen, type Response, streamResponse } from '../../../../lib/connections/sockets/response.ts'
import { parsed } from '../../../fixtures/bus.ts'
import { until } from '../../../fixtures/until.ts'

const options = parsed({ maxBufferedBytes: 1000 })
const BIG = new Batch('x'.repeat(300_000))

interface Opened {
  readonly app: FastifyInstance
  readonly socket: Socket
  readonly response: Response
  readonly reply: FastifyReply
  /** what the client has received */
  text (): string
  arrives (text: string): Promise<void>
}

/** A stream to a raw client, which reads at once unless it is `paused`. */
async function open (t: Tap, { head = 'GET /stream HTTP/1.1\r\nHost: a\r\n\r\n', paused = false, hook }: {
  head?: string
  paused?: boolean
  hook?: (reply: FastifyReply) => void
} = {}): Promise<Opened> {
  const app = Fastify()
  t.teardown(() => app.close())
  if (hook !== undefined) app.addHook('onRequest', async (_request, reply) => { hook(reply) })
  const opened = new Promise<{ response: Response, reply: FastifyReply }>((resolve) => {
    app.get('/stream', (request, reply) => {
      resolve({ response: streamResponse(request, reply, new Batch('first;'), options), reply })
    })
  })
  let release: () => void = () => {}
  app.get('/slow', async () => { await new Promise<void>((resolve) => { release = resolve }); return 'slow' })
  app.get('/release', async () => { release(); return 'released' })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as { port: number }).port, '127.0.0.1').setEncoding('latin1')
  t.teardown(() => socket.destroy())
  let received = ''
  if (!paused) socket.on('data', (text) => { received += String(text) })
  socket.write(head)
  return {
    app,
    socket,
    ...await opened,
    text: () => received,
    async arrives (text) {
      await until(() => received.includes(text), `${JSON.stringify(text)} has arrived`)
    }
  }
}

type Tap = Pick<typeof t, 'teardown'>

/** Resolves once what was written has left. */
function left (response: Response): Promise<void> {
  return new Promise((resolve) => { response.onceReady(resolve) })
}

t.test('batches go out as chunks of HTTP/1.1, past the response', async (t) => {
  const { response, arrives, text, reply } = await open(t)
  reply.raw.write = () => { throw new Error('the slow way') }
  t.equal(response.write(new Batch('second;')), 7)
  await arrives('7\r\nsecond;\r\n')
  t.match(text(), /transfer-encoding: chunked\r\n\r\n6\r\nfirst;\r\n7\r\nsecond;\r\n$/i)
  response.end()
  await arrives('0\r\n\r\n')
})

t.test('a client of HTTP/1.0 gets bytes without chunks', async (t) => {
  const { response, arrives, text, socket } = await open(t, { head: 'GET /stream HTTP/1.0\r\n\r\n' })
  response.write(new Batch('second;'))
  await arrives('second;')
  t.match(text(), /\r\n\r\nfirst;second;$/)
  const ended = once(socket, 'end')
  response.end()
  await ended
})

t.test('where a hook has replaced write, everything passes it', async (t) => {
  const written: string[] = []
  const { response, arrives } = await open(t, {
    hook ({ raw }) {
      const write = raw.write.bind(raw)
      raw.write = (chunk: Buffer) => { written.push(chunk.toString()); return write(chunk) }
    }
  })
  t.equal(response.write(new Batch('second;')), 7)
  await arrives('second;')
  t.same(written, ['first;', 'second;'])
  response.end()
  await arrives('0\r\n\r\n')
})

t.test('where the head cannot be handed to the socket at once, nothing overtakes it', async (t) => {
  const { response, arrives, text } = await open(t, { hook ({ raw }) { raw.flushHeaders = () => { /* later */ } } })
  response.write(new Batch('second;'))
  await arrives('second;')
  t.match(text(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n[^]*first;[^]*second;/)
  response.end()
  await arrives('0\r\n\r\n')
})

t.test('a batch without bytes ends no body', async (t) => {
  const { response, arrives, text } = await open(t)
  t.equal(response.write(new Batch('')), 0)
  response.write(new Batch('second;'))
  await arrives('second;')
  t.notMatch(text(), /^0\r\n/m)
})

t.test('a response in a pipeline has no socket yet, and waits for the one before it', async (t) => {
  const { app, response, arrives, text } = await open(t, {
    head: 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /stream HTTP/1.1\r\nHost: a\r\n\r\n'
  })
  response.write(new Batch('second;'))
  t.equal(response.ready(), true)
  const waited = left(response)
  t.equal(text(), '')
  await app.inject('/release')
  await arrives('second;')
  t.match(text(), /slowHTTP\/1\.1 200 OK[^]*first;[^]*second;/)
  await waited
})

for (const way of ['past the response', 'through it'] as const) {
  const hook = way === 'past the response' ? undefined : ({ raw }: FastifyReply) => { raw.write = raw.write.bind(raw) }

  t.test(`${way}: a full one is not ready until all of it has left`, async (t) => {
    const { response, socket } = await open(t, { paused: true, ...(hook === undefined ? {} : { hook }) })
    t.equal(response.ready(), true)
    while (response.ready()) {
      response.write(BIG)
      await new Promise(setImmediate)
    }
    socket.resume()
    await left(response)
    t.equal(response.ready(), true)
  })

  t.test(`${way}: what is below the mark of the stream is waited for too`, async (t) => {
    const { response, reply } = await open(t, hook === undefined ? {} : { hook })
    reply.raw.socket?.cork()
    response.write(new Batch('x'.repeat(2000)))
    t.same([response.ready(), reply.raw.writableNeedDrain, reply.raw.socket?.writableNeedDrain], [false, false, false])
    const waited = left(response)
    reply.raw.socket?.uncork()
    await waited
    t.equal(response.ready(), true)
  })

  t.test(`${way}: it can be destroyed, whatever is unsent`, async (t) => {
    const { response, reply, socket } = await open(t, { paused: true, ...(hook === undefined ? {} : { hook }) })
    while (response.ready()) {
      response.write(BIG)
      await new Promise(setImmediate)
    }
    const closed = once(reply.raw, 'close')
    socket.resume().on('error', () => { /* it is reset */ })
    response.destroy()
    await closed
    t.equal(reply.raw.destroyed, true)
  })
}

t.test('the idle timeout of a socket is switched off', async (t) => {
  const { reply } = await open(t)
  t.equal(reply.raw.socket?.timeout, 0)
})

t.test('the first keepalive probe comes after half a heartbeat, and not within a second', (t) => {
  for (const [heartbeatInterval, delay] of [[15_000, 7500], [100, 1000]] as const) {
    const socket = new Socket()
    t.teardown(() => socket.destroy())
    const calls: unknown[] = []
    socket.setKeepAlive = (...args) => { calls.push(args); return socket }
    const raw = new ServerResponse(new IncomingMessage(socket))
    raw.assignSocket(socket)
    keepOpen(raw, parsed({ heartbeatInterval }))
    t.same(calls, [[true, delay]])
  }
  t.end()
})

t.test('a response without a socket of its own is left alone', async (t) => {
  keepOpen({ socket: null } as unknown as FastifyReply['raw'], options)
  t.pass()
})
