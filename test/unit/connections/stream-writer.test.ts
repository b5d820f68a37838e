import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import type { ConnectionSettings } from '../../../lib/connections/settings.ts'
import { StreamWriter } from '../../../lib/connections/stream-writer.ts'
import { Batch } from '../../../lib/transports/batch.ts'
import { iframe } from '../../../lib/transports/iframe.ts'

interface Written { body: string, counters: { delivered: number, bytesSent: number, gaps: number }, gaps: number }

/** What a client receives, and what is counted, where a writer is used like this after its first batch. */
async function write (t: Test, use: (writer: StreamWriter) => void): Promise<Written> {
  const app = Fastify()
  t.teardown(() => app.close())
  const written: Written = { body: '', counters: { delivered: 0, bytesSent: 0, gaps: 0 }, gaps: 0 }
  const settings = {
    compress: false, heartbeatInterval: 15_000, maxBufferedBytes: 65_536
  } as unknown as ConnectionSettings
  app.get('/', (request, reply) => {
    const { counters } = written
    const lifecycle = { gap () { written.gaps++ } }
    const writer = new StreamWriter(
      { counters, lifecycle, transport: iframe, request, reply, settings }, new Batch('first ', 1, 0)
    )
    use(writer)
    writer.end()
  })
  written.body = (await app.inject('/')).body
  return written
}

t.test('sends the first batch and those that follow, and counts them', async (t) => {
  const { body, counters, gaps } = await write(t, (writer) => {
    writer.write(new Batch('second', 2, 1))
  })
  t.equal(body, 'first second')
  t.same(counters, { delivered: 3, bytesSent: 12, gaps: 1 })
  t.equal(gaps, 1)
})

t.test('is full once the transport allows no further bytes', async (t) => {
  await write(t, (writer) => {
    writer.write(new Batch('x'.repeat(iframe.maxBytes - 6)))
    t.equal(writer.isFull, false)
    writer.write(new Batch('x'))
    t.equal(writer.isFull, true)
  })
})
