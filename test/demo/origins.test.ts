import t from 'tap'
import { originsOf } from '../../demo/origins.ts'

t.test('loopback is reached under its three names', async (t) => {
  const names = ['http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000']
  for (const host of ['127.0.0.1', 'localhost', '::1']) t.same(originsOf(host, 3000), names)
})

t.test('another address is reached under itself', async (t) => {
  t.same(originsOf('192.0.2.7', 80), ['http://192.0.2.7'])
  t.same(originsOf('2001:db8::1', 8080), ['http://[2001:db8::1]:8080'])
})

t.test('every address of the machine is reached when it listens on all', async (t) => {
  for (const host of ['0.0.0.0', '::']) {
    const origins = originsOf(host, 3000)
    t.ok(origins.includes('http://localhost:3000'))
    t.equal(new Set(origins).size, origins.length, 'each once')
  }
})
