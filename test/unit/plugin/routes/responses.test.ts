import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import t from 'tap'
import type { Instance } from '../../../../lib/plugin/instance.ts'
import {
  checkHeaders, reject, sendClose, setCommonHeaders, setHeaders
} from '../../../../lib/plugin/routes/responses.ts'
import { eventsource } from '../../../../lib/transports/eventsource.ts'
import { iframe } from '../../../../lib/transports/iframe.ts'
import { longPoll } from '../../../../lib/transports/long-poll.ts'

/** An application whose only route answers so. */
function answering (t: Tap, answer: (reply: FastifyReply) => void): FastifyInstance {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/', (_request, reply) => { answer(reply) })
  return app
}

type Tap = Pick<typeof t, 'teardown'>

t.test('headers of the hooks stay beside ours', async (t) => {
  const app = answering(t, (reply) => {
    reply.header('access-control-allow-origin', '*')
    setCommonHeaders(reply)
    setHeaders(reply, eventsource, '')
    reply.send('')
  })
  t.match((await app.inject('/')).headers, {
    'access-control-allow-origin': '*',
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff'
  })
})

t.test('a transport removes what would keep it from working', async (t) => {
  const app = answering(t, (reply) => {
    reply.header('x-frame-options', 'DENY').header('content-security-policy', "default-src 'self'")
    setHeaders(reply, iframe, 'https://other.example')
    reply.send('')
  })
  const { headers } = await app.inject('/')
  t.notOk('x-frame-options' in headers)
  t.match(headers['content-security-policy'], /^default-src 'none'.*frame-ancestors https:\/\/other\.example;/)
})

t.test('headers are taken unless Node would refuse them', async (t) => {
  const app = answering(t, (reply) => {
    reply.header('x-good', 'ä').header('x-count', 7).header('set-cookie', ['a=1', 'b=2'])
    checkHeaders(reply)
    reply.send('fine')
  })
  t.equal((await app.inject('/')).body, 'fine')
})

for (const [name, value, code] of [[
  'x-bad', 'a\r\nb', 'ERR_INVALID_CHAR'
], ['x bad', 'a', 'ERR_INVALID_HTTP_TOKEN'], ['x-bad', ['a', 'b\n'], 'ERR_INVALID_CHAR']] as const) {
  t.test(`the header ${JSON.stringify([name, value])} is refused`, async (t) => {
    const app = answering(t, (reply) => {
      reply.header(name, value)
      t.throws(() => { checkHeaders(reply) }, { code })
      reply.removeHeader(name)
      reply.send('')
    })
    await app.inject('/')
  })
}

for (const [reason, code] of [['busy', 'COMET_ERR_BUSY'], ['shutdown', 'COMET_ERR_SHUTDOWN']] as const) {
  t.test(`${reason} is a 503 with a time to come back, and counted`, async (t) => {
    const instance = { connections: { rejected: 0 } } as unknown as Instance
    const app = answering(t, (reply) => { reject(instance, longPoll, reply, reason) })
    const answer = await app.inject('/')
    t.equal(answer.statusCode, 503)
    const seconds = Number(answer.headers['retry-after'])
    t.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 5)
    t.match(answer.json(), { code, message: new RegExp(`${seconds} s$`) })
    t.equal(instance.connections.rejected, 1)
  })

  t.test(`to an EventSource ${reason} is a stream that ends`, async (t) => {
    const instance = { connections: { rejected: 0 } } as unknown as Instance
    const app = answering(t, (reply) => { reject(instance, eventsource, reply, reason) })
    const answer = await app.inject('/')
    t.equal(answer.statusCode, 200)
    t.match(answer.body, new RegExp(
      `^retry: [1-5]\\d{3}\\nretry: [1-5]\\d{3}\\nevent: comet\\ndata: \\{"type":"close","reason":"${reason}","retry":[1-5]\\d{3}\\}\\n\\n$`
    ))
    t.equal(instance.connections.rejected, 1)
  })
}

t.test('an end for good has no time to come back', async (t) => {
  const app = answering(t, (reply) => { sendClose(reply, longPoll, '', 'disconnected') })
  t.same((await app.inject('/')).json(), [{ type: 'close', reason: 'disconnected' }])
})
