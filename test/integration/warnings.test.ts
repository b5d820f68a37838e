// What is built, used as applications use it: Node has nothing to warn of.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

// The test runner keeps Node from printing warnings, and makes Node 26 emit DEP0205 in each process.
const USE = `
  process.on('warning', ({ code, stack }) => { if (code !== 'DEP0205') console.log(stack) })
  import { EventSource } from 'eventsource'
  import Fastify from 'fastify'
  import comet from 'fastify-comet'
  import { Comet } from 'fastify-comet/client'
  globalThis.EventSource = EventSource
  const app = Fastify({ forceCloseConnections: true })
  await app.register(comet, { compress: true, heartbeatInterval: 20 })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const client = new Comet(url + '/comet', { headers: () => ({ authorization: 'a' }) })
  const bare = new Comet(url + '/comet', { transports: ['eventsource'] })
  for (const one of [client, bare]) {
    const received = new Promise((resolve) => { one.subscribe('a', resolve, { history: 1 }) })
    await app.comet.publish('a', 1)
    await received
    await new Promise((resolve) => { const undo = one.on('heartbeat', () => { undo(); resolve() }) })
    one.close()
  }
  await app.close()
  console.log('used')`

t.test(`on Node ${process.versions.node} neither server nor client makes Node warn`, async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', USE], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)), timeout: 60_000
  })
  t.equal(stdout, 'used\n')
})
