import { EventEmitter } from 'node:events'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { Sessions } from '../lib/sessions.ts'

/** An HTTP/2 session that closes when it is told to, or only when it is destroyed. */
class FakeSession extends EventEmitter {
  readonly calls: string[] = []
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
  const sessions = new Sessions()
  const session = new FakeSession()
  sessions.note(request(session))
  sessions.note(request(session))
  t.equal(session.listenerCount('close'), 1)
  await sessions.close(10_000)
  t.same(session.calls, ['close'])
})

t.test('destroys a session that does not close', async (t) => {
  const sessions = new Sessions()
  const session = new FakeSession(true)
  sessions.note(request(session))
  await sessions.close(1)
  t.same(session.calls, ['close', 'destroy'])
})

t.test('forgets a session that has closed', async (t) => {
  const sessions = new Sessions()
  const session = new FakeSession()
  sessions.note(request(session))
  session.emit('close')
  await sessions.close(1)
  t.same(session.calls, [])
})

t.test('a request of HTTP/1 has none', async (t) => {
  const sessions = new Sessions()
  for (const raw of [{}, { stream: null }, { stream: {} }]) sessions.note({ raw } as unknown as FastifyRequest)
  await sessions.close(1)
  t.pass()
})
