import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify'
import t from 'tap'
import { LogLines } from '../fixtures/log-lines.ts'
import { serve } from '../fixtures/server.ts'
import { held, heldPoll, messages, rest } from '../fixtures/transport-clients.ts'

const warnings: (Error & { code?: string })[] = []
process.on('warning', (warning) => { if (warning.name === 'CometWarning') warnings.push(warning) })

/** A logger that is not pino, whose methods throw once comet speaks. */
class BrokenLogger {
  level = 'debug'
  thrown = 0
  debug = this.#throw
  info = this.#throw
  warn = this.#throw
  error = this.#throw

  trace (): void { /* nothing is logged */ }

  fatal (): void { /* nothing is logged */ }

  child (): this {
    return this
  }

  #throw (_fields: unknown, text = ''): void {
    if (!text.startsWith('comet')) return
    this.thrown++
    throw new Error('broken logger')
  }
}

const broken = new BrokenLogger()

const loggers: [what: string, fastify: FastifyServerOptions][] = [
  ['a serializer of the logger', {
    logger: {
      level: 'debug',
      stream: new LogLines(),
      serializers: {
        user () {
          throw new Error('broken serializer')
        }
      }
    }
  }],
  ['the logger', { loggerInstance: broken as unknown as FastifyBaseLogger }]
]

for (const [what, fastify] of loggers) {
  t.test(`when ${what} throws as a held poll is answered, and as a stream ends, the others receive everything`, async (t) => {
    const server = await serve(t, {
      fastify,
      comet: {
        authorize: (request) =>
          ({ user: String(Reflect.get(request.query as object, 'name')) })
      }
    })
    const poll = await heldPoll(server, { channel: 'a' })
    const ending = await held(server, 'eventsource', { name: 'eve' })
    const others = [
      await held(server, 'eventsource'),
      await held(server, 'iframe'),
      await held(server, 'eventsource', { channel: ['a', 'b'] })
    ]
    await server.app.comet.publish('a', 1)
    t.match(await messages(poll, 1), [{ data: 1 }])
    server.app.comet.disconnect({ user: 'eve' })
    t.match((await rest(ending)).at(-1), { type: 'close', reason: 'disconnected' })
    await server.app.comet.publish('a', 2)
    for (const client of others) {
      t.match(await messages(client, 2), [{ data: 1 }, { data: 2 }])
      client.cut()
    }
    t.match(await server.app.comet.publish('a', 3), String)
  })
}

t.test('what the logger throws is a warning of the process, once', async (t) => {
  t.ok(broken.thrown > 1)
  t.match(warnings, [{ code: 'COMET_LOGGER', message: /^comet: the logger threw.*broken serializer/ }])
  t.equal(warnings.length, 1)
})
