import t from 'tap'
import type { RouteOptions } from 'fastify'
import type { CometOptions } from '../../../../lib/plugin/options.ts'
import { createApp, type ServerOptions } from '../../../fixtures/server.ts'

/** The routes that the plugin mounts. */
async function mounted (
  t: Parameters<typeof createApp>[0], comet: CometOptions = {}, fastify: ServerOptions['fastify'] = {}
): Promise<RouteOptions[]> {
  const routes: RouteOptions[] = []
  await (await createApp(t, {
    comet,
    fastify,
    before: (app) => app.addHook('onRoute', (route) => {
      routes.push(route)
    })
  })).ready()
  return routes
}

function paths (routes: readonly RouteOptions[]): string[] {
  return routes.map(({ method, url }) => `${String(method)} ${url}`)
}

t.test('each transport has a route, without one for HEAD', async (t) => {
  t.same(paths(await mounted(t)), ['GET /comet/eventsource', 'GET /comet/iframe', 'GET /comet/long-poll'])
})

t.test('publishing has a route where the option says so, and the prefix is that of the option', async (t) => {
  const all = paths(await mounted(t, { publishRoute: true, authorize: () => true, prefix: '/push' }))
  t.same(all, ['GET /push/eventsource', 'GET /push/iframe', 'GET /push/long-poll', 'POST /push/publish'])
})

t.test('only a transport whose client sees no status has an error handler of its own', async (t) => {
  const routes = await mounted(t)
  t.same(routes.map(({ errorHandler }) => errorHandler !== undefined), [false, true, false])
})

t.test('a limit for handlers is above the time that a poll is held', async (t) => {
  const limits = (routes: RouteOptions[]): unknown[] => routes.map((route) => Reflect.get(route, 'handlerTimeout'))
  t.same(limits(await mounted(t)), [undefined, undefined, undefined])
  t.same(limits(await mounted(t, { pollTimeout: 5000 }, { handlerTimeout: 1000 } as object)), [65_000, 65_000, 65_000])
})
