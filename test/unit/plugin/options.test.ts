import Fastify from 'fastify'
import t from 'tap'
import { ROUTE_OPTIONS } from '../../../lib/plugin/options.ts'

t.test('each route option is one that Fastify takes', async (t) => {
  t.equal(new Set(ROUTE_OPTIONS).size, ROUTE_OPTIONS.length)
  const app = Fastify()
  t.teardown(() => app.close())
  const hooks = ROUTE_OPTIONS.filter((name) => /^(on|pre)/.test(name))
  // Fastify refuses a hook that is no function, and does not look at names that it does not know.
  for (const hook of hooks) t.throws(() => { app.get('/', { [hook]: 1 } as object, async () => '') }, hook)
  t.same(ROUTE_OPTIONS.filter((name) => !hooks.includes(name)), ['config', 'logLevel', 'constraints'])
})
