import { EventEmitter } from 'node:events'
import type { Server } from 'node:net'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { Http2Sessions } from '../../../../lib/connections/sockets/http2-sessions.ts'

/** An HTTP/2 session that closes when it is told to, or only when it is destroyed. */
class FakeSession extends EventEmitter {
  readonly calls: string[] = []
  readonly socket = { remoteAddress: '127.0.0.1', remotePort: 1 }
  readonly #stuck: boolean

  constructor (stuck = false) {
    super()
    this.#stuck = stuck
  }

  close (): void {
    this.calls.push('close')
    if (!this.#stuck) setImmediate(() => { this.emit('close') })
  }

  destroy (): void {
    this.calls.push('destroy')
    this.emit('close')
  }
}

function request (session: unknown): FastifyRequest {
  return { raw: { stream: { session } } } as unknown as FastifyRequest
}

t.test('closes each session once', async (t) => {
  const sessions = new Http2Sessions()
  const session = new FakeSession()
  sessions.note(request(session))
  sessions.note(request(session))
  t.equal(session.listenerCount('close'), 1, 'one listener')
  await sessions.close(10_000)
  t.same(session.calls, ['close'])
})

t.test('destroys a session that does not close', async (t) => {
  const sessions = new Http2Sessions()
  const session = new FakeSession(true)
  sessions.note(request(session))
  await sessions.close(1)
  t.same(session.calls, ['close', 'destroy'])
})

t.test('destroys the connection of a session that does not close', async (t) => {
  const sessions = new Http2Sessions()
  const server = new EventEmitter()
  sessions.follow(server as unknown as Server)
  const destroyed: number[] = []
  for (const remotePort of [1, 2]) {
    server.emit('connection', Object.assign(new EventEmitter(), {
      remoteAddress: '127.0.0.1',
      remotePort,
      destroyed: false,
      destroy () {
        destroyed.push(remotePort)
      }
    }))
  }
  sessions.note(request(new FakeSession(true)))
  await sessions.close(1)
  t.same(destroyed, [1], 'and no other')
})

t.test('destroys the connection of a session that has closed without it', async (t) => {
  const sessions = new Http2Sessions()
  const server = new EventEmitter()
  sessions.follow(server as unknown as Server)
  let isDestroyed = false
  server.emit('connection', Object.assign(new EventEmitter(), {
    remoteAddress: '127.0.0.1', remotePort: 1, destroyed: false, destroy () { isDestroyed = true }
  }))
  const session = new FakeSession()
  sessions.note(request(session))
  session.emit('close')
  await sessions.close(1)
  t.equal(isDestroyed, true)
})

t.test('forgets a session that has closed', async (t) => {
  const sessions = new Http2Sessions()
  const session = new FakeSession()
  sessions.note(request(session))
  session.emit('close')
  await sessions.close(1)
  t.same(session.calls, [])
})

t.test('a request of HTTP/1 has none', async (t) => {
  const sessions = new Http2Sessions()
  for (const raw of [{}, { stream: null }, { stream: {} }]) sessions.note({ raw } as unknown as FastifyRequest)
  await sessions.close(1)
  t.pass()
})
