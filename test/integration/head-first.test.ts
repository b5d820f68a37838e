import { connect } from 'node:net'
import t from 'tap'
import { frameParser } from '../fixtures/frame-parsers.ts'
import { serve } from '../fixtures/server.ts'
import { isMessage, pathOf } from '../fixtures/transport-clients.ts'
import { wireOf } from '../fixtures/wire.ts'
import { until } from '../fixtures/until.ts'

const COUNT = 100

// Node may hold a response's head back for a turn, and each of these streams has something to send in that turn.
const STARTS = {
  'goes on at a cursor': { size: 0, query: (cursor: string) => ({ cursor }) },
  'starts with a history': { size: 0, query: () => ({ history: 10 }) },
  'starts at the earliest message': { size: 0, query: () => ({ cursor: 'earliest' }) },
  'has more to send than its socket may hold': { size: 1000, query: (cursor: string) => ({ cursor }) }
}

for (const http of ['http', 'https', 'h2c', 'http2'] as const) {
  for (const gzip of [false, true]) {
    for (const transport of ['eventsource', 'iframe'] as const) {
      t.test(`${transport} over ${http}${gzip ? ', compressed,' : ''} sends its head first, and then each message once, when it …`, async (t) => {
        const server = await serve(t, { http, comet: { compress: gzip, maxBufferedBytes: 10_000 } })
        for (const [what, { size, query }] of Object.entries(STARTS)) {
          const channel = what.replaceAll(' ', '-')
          const cursor = server.app.comet.cursor()
          for (let i = 0; i < COUNT; i++) await server.app.comet.publish(channel, `${i} ${incompressible(size)}`)
          const { startsWithHead, body } = await wireOf(
            server, pathOf(transport, { channel, ...query(cursor) }), { gzip, last: `"${COUNT - 1} ` }
          )
          t.ok(startsWithHead, `… ${what}`)
          const numbers = frameParser(transport)(body).map(({ frame }) => frame).filter(isMessage).map(({ data }) =>
            parseInt(String(data), 10))
          const first = 'history' in query('') ? COUNT - 10 : 0
          t.strictSame(numbers, Array.from({ length: COUNT - first }, (_, i) => first + i))
          await until(() =>
            server.app.comet.stats().connections[transport] === 0, `the server has ended the ${transport} connection`)
        }
      })
    }
  }
}

t.test('a stream in a pipeline sends its head first, once the response before it is done', async (t) => {
  const server = await serve(t)
  const cursor = server.app.comet.cursor()
  for (let i = 0; i < COUNT; i++) await server.app.comet.publish('a', i)
  const socket = connect(server.port, '127.0.0.1').setEncoding('utf8')
  t.teardown(() => socket.destroy())
  const head = ' HTTP/1.1\r\nHost: a\r\n\r\n'
  socket.write(
    `GET ${pathOf('long-poll', { channel: 'a' })}${head}GET ${pathOf('eventsource', { channel: 'a', cursor })}${head}`
  )
  let text = ''
  for await (const chunk of socket) {
    text += String(chunk)
    if (text.includes(`"data":${COUNT - 1}}`)) break
  }
  t.match(
    text, /^HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\n\[.*\]HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\n[\da-f]+\r\nretry:[^]+"data":0\}/
  )
})

function incompressible (size: number): string {
  let text = ''
  while (text.length < size) text += Math.random().toString(36).slice(2)
  return text
}
