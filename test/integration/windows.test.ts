import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { isMessage, readUntil, subscribe } from '../fixtures/transport-clients.ts'

for (const transport of TRANSPORT_NAMES) {
  for (const isAsync of [true, false]) {
    t.test(`no message is lost while a connection over ${transport} begins, ${isAsync ? 'with' : 'without'} a pause in authorize`, async (t) => {
      const ids: string[] = []
      const publish = (): void => {
        server.app.comet.publish('a', ids.length).then((id) => { ids.push(id) }, (error: unknown) => { t.error(error) })
      }
      const server: TestServer = await serve(t, {
        comet: {
          authorize: isAsync ? pausing(publish) : () => { publish(); return true },
          onSubscribe: publish,
          routeOptions: { preHandler: async () => { publish(); await null; publish() } }
        },
        before: (app) => { app.addHook('onRequest', async () => { publish() }) }
      })
      await turns(publish, 3)
      const flood = turns(publish, 100)
      const client = await subscribe(server, transport, { channel: 'a' })
      const reading = readUntil(client, (frame) => isMessage(frame) && frame.data === 'last')
      publish()
      await flood
      const last = await server.app.comet.publish('a', 'last')
      const frames = await reading
      ids.push(last)
      ids.sort((a, b) => numberOf(a) - numberOf(b))
      const [open] = frames
      const start = open?.type === 'open' ? ids.indexOf(open.cursor) : NaN
      t.strictSame(frames.filter(isMessage).map(({ id }) => id), ids.filter((id) => numberOf(id) <= numberOf(last))
        .slice(start + 1))
      t.ok(start >= 0 && frames.length > 1)
      client.cut()
    })
  }
}

// Clients never take an id apart; this one knows that the memory log counts.
function numberOf (id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1))
}

/** Publishes before, in and after each kind of pause. */
function pausing (publish: () => void): () => Promise<boolean> {
  return async () => {
    publish()
    process.nextTick(publish)
    queueMicrotask(publish)
    setImmediate(publish)
    await new Promise(setImmediate)
    publish()
    await null
    publish()
    process.nextTick(publish)
    return true
  }
}

async function turns (publish: () => void, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    publish()
    await new Promise((resolve) => i % 10 === 0 ? setTimeout(resolve, 1) : setImmediate(resolve))
  }
}
