import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { clientRoutes } from '../../../../lib/plugin/routes/client-scripts.ts'

const BUILDS = { 'client.js': 'var Comet', 'client.mjs': 'export {}', 'worker.js': 'onconnect' }

async function createApp (t: Test, folder: string): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await clientRoutes(app, { routeOptions: {} }, folder)
  return app
}

for (const [file, code] of Object.entries(BUILDS)) {
  t.test(`${file} is read from its folder and revalidated by its ETag`, async (t) => {
    const app = await createApp(t, t.testdir(BUILDS))
    const first = await app.inject(`/${file}`)
    t.match(first, { statusCode: 200, body: code, headers: { 'cache-control': 'public, no-cache' } })
    const again = await app.inject({ url: `/${file}`, headers: { 'if-none-match': String(first.headers.etag) } })
    t.match(again, { statusCode: 304, body: '' })
    const changed = await app.inject({ url: `/${file}`, headers: { 'if-none-match': '"another"' } })
    t.equal(changed.statusCode, 200)
  })
}

t.test('a script does not name its source map, which has no route', async (t) => {
  const app = await createApp(
    t, t.testdir({ ...BUILDS, 'client.mjs': 'export {}\n//# sourceMappingURL=client.mjs.map' })
  )
  t.equal((await app.inject('/client.mjs')).body, 'export {}')
})

t.test('a file that is missing is named by the error, with the way out', async (t) => {
  const folder = t.testdir({ 'client.js': '' })
  await t.rejects(createApp(t, folder), {
    message: `comet: client.mjs, which the option "serveClient" serves, is missing: ENOENT: no such file or directory, open '${join(folder, 'client.mjs')}'; build the package, or set serveClient to false`,
    cause: { code: 'ENOENT' }
  })
})
