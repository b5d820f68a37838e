import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import t from 'tap'
import { isGone } from '../../../../lib/connections/sockets/gone.ts'

type Raw = FastifyReply['raw']

t.test('over HTTP/1 a client has left when its socket is destroyed, before the response tells', async (t) => {
  const raw = new ServerResponse(new IncomingMessage(new Socket()))
  t.equal(isGone(raw), false)
  raw.req.socket.destroy()
  t.same([raw.destroyed, isGone(raw)], [false, true])
})

t.test('a response that was destroyed has nobody', async (t) => {
  const raw = new ServerResponse(new IncomingMessage(new Socket()))
  raw.destroy()
  t.equal(isGone(raw), true)
})

for (const stream of [
  { destroyed: true, closed: true }, { destroyed: false, closed: true }, { destroyed: false, closed: false }
]) {
  t.test(`over HTTP/2 it is the stream that knows: ${JSON.stringify(stream)}`, async (t) => {
    t.equal(isGone({ stream } as unknown as Raw), stream.closed)
  })
}
