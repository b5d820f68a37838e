import t from 'tap'
import { createApp } from '../fixtures/server.ts'

for (const [file, sign] of [['client.js', /Comet/], ['client.mjs', /export/], ['worker.js', /onconnect/]] as const) {
  t.test(`${file} is served as a script`, async (t) => {
    const app = await createApp(t, { comet: { serveClient: true } })
    const answer = await app.inject(`/comet/${file}`)
    t.equal(answer.statusCode, 200)
    t.match(answer.headers, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, no-cache',
      'x-content-type-options': 'nosniff',
      etag: /^"[A-Za-z0-9_-]{43}"$/
    })
    t.match(answer.body, sign)
  })

  t.test(`${file} is not sent again to whom has it`, async (t) => {
    const app = await createApp(t, { comet: { serveClient: true } })
    const etag = String((await app.inject(`/comet/${file}`)).headers.etag)
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await app.inject({ url: `/comet/${file}`, headers: { 'if-none-match': header } })
      t.equal(answer.statusCode, 304, header)
      t.equal(answer.body, '')
      t.equal(answer.headers.etag, etag)
    }
    const answer = await app.inject({ url: `/comet/${file}`, headers: { 'if-none-match': '"other"' } })
    t.equal(answer.statusCode, 200)
  })
}

t.test('none is served where that is not wanted', async (t) => {
  const app = await createApp(t, { comet: { serveClient: false } })
  for (const file of ['client.js', 'client.mjs', 'worker.js']) {
    t.equal((await app.inject(`/comet/${file}`)).statusCode, 404)
  }
})

t.test('lies under the prefix and its hooks', async (t) => {
  const app = await createApp(t, {
    comet: {
      serveClient: true,
      prefix: '/push',
      routeOptions: {
        onRequest: (_request, reply, done) => {
          reply.header('x-hook', 'yes')
          done()
        }
      }
    }
  })
  t.equal((await app.inject('/push/client.js')).headers['x-hook'], 'yes')
})
