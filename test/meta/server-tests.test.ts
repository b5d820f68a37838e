import { readFileSync } from 'node:fs'
import t from 'tap'
import { allTests, onceOnly, serverTests } from '../../scripts/server-tests.js'

t.test('each pattern of what is run once only stands for a test', async (t) => {
  for (const pattern of onceOnly) t.ok(allTests().some((file) => pattern.test(file)), String(pattern))
})

t.test('what is run on each Node needs no browser, no proxy and no demo', async (t) => {
  for (const file of serverTests()) {
    t.notMatch(
      readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'),
      /from '[^']*(fixtures\/(browsers|proxies|client-pages)|\/demo\/)/,
      file
    )
  }
})

t.test('what is run once only says nothing of the server', async (t) => {
  const once = allTests().filter((file) => !serverTests().includes(file))
  t.same(once.filter((file) => /^test\/(unit|cluster)\//.test(file)), [])
})
