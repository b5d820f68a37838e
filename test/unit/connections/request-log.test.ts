import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { isLogged, logCompleted } from '../../../lib/connections/request-log.ts'
import { LogLines } from '../../fixtures/log-lines.ts'

type DisableRequestLogging = boolean | ((request: FastifyRequest) => boolean)

async function handle (
  t: Test, disableRequestLogging: DisableRequestLogging, handler: (request: FastifyRequest, reply: FastifyReply) => void
): Promise<LogLines> {
  const stream = new LogLines()
  const app = Fastify({ logger: { stream }, disableRequestLogging: disableRequestLogging as boolean })
  t.teardown(() => app.close())
  app.get('/*', (request, reply) => {
    handler(request, reply)
    reply.send('')
  })
  await app.inject('/one')
  return stream
}

for (const [rule, expected] of [
  [false, true], [true, false], [({ url }: FastifyRequest) => url === '/one', false]
] as const) {
  t.test(`a request is ${expected ? '' : 'not '}logged where disableRequestLogging is ${typeof rule === 'function' ? 'a function' : rule}`, async (t) => {
    const results: boolean[] = []
    await handle(t, rule, (request) => { results.push(isLogged(request)) })
    t.same(results, [expected])
  })
}

t.test('a request is logged as completed in the way of Fastify, which does so itself once the response has left', async (t) => {
  const { lines } = await handle(t, false, (_request, reply) => { logCompleted(reply.request, reply) })
  t.match(lines.filter(({ msg }) => msg === 'request completed'), [
    { res: { statusCode: 200 } }, { res: { statusCode: 200 } }
  ])
})
