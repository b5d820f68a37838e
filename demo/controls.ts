import createError from '@fastify/error'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DEFAULT_BURST, DEFAULT_SECONDS, LIMITS } from './lanes.ts'
import type { Action } from './lanes.ts'
import type { Stage } from './testbed.ts'

const DEMO_ERR_NOT_LOCAL = createError('DEMO_ERR_NOT_LOCAL', 'The controls of the demo are for the machine that it runs on', 403)
const DEMO_ERR_CROSS_SITE = createError('DEMO_ERR_CROSS_SITE', 'The controls of the demo are for its own page', 403)
const DEMO_ERR_LAST_NODE = createError('DEMO_ERR_LAST_NODE', 'There is no node to spare', 409)

const LOOPBACK = /^(::ffff:)?127\.|^::1$/

interface Range { least: number, most: number }
interface Control {
  value?: { range: Range, otherwise: number }
  run: (stage: Stage, value: number) => void | Promise<void>
}

const { rate, size, burst, seconds } = LIMITS

const CONTROLS: Record<Action, Control> = {
  rate: { value: { range: rate, otherwise: 10 }, run: (stage, value) => { stage.publisher.rate = value } },
  size: { value: { range: size, otherwise: 100 }, run: (stage, value) => { stage.publisher.size = value } },
  burst: { value: { range: burst, otherwise: DEFAULT_BURST }, run: (stage, value) => stage.publisher.burst(value) },
  stall: { value: { range: seconds, otherwise: DEFAULT_SECONDS.stall }, run: (stage, value) => stage.stall(value * 1000) },
  buffer: { value: { range: seconds, otherwise: DEFAULT_SECONDS.buffer }, run: (stage, value) => stage.buffer(value * 1000) },
  cut: { run: (stage) => stage.cut() },
  restart: { run: (stage) => stage.restart() },
  forget: { run: (stage) => stage.forget() },
  kill: { run: (stage) => { if (!stage.kill()) throw new DEMO_ERR_LAST_NODE() } }
}

/** What the side-by-side page can do to the demo: `POST /control/<action>`, for its own page on its own machine only. */
export async function controls (app: FastifyInstance, { stage, origins }: { stage: Promise<Stage>, origins: () => string[] }): Promise<void> {
  for (const [action, { value, run }] of Object.entries(CONTROLS)) {
    app.post<{ Body: { value?: number } }>(`/control/${action}`, {
      schema: { body: bodySchema(value) },
      onRequest: async (request) => { guard(request, origins()) }
    }, async (request) => {
      const ready = await stage
      await run(ready, request.body.value ?? 0)
      return ready.state
    })
  }
}

function bodySchema (value: Control['value']): object {
  const properties = value === undefined
    ? {}
    : { value: { type: 'number', minimum: value.range.least, maximum: value.range.most, default: value.otherwise } }
  return { type: 'object', properties, additionalProperties: false }
}

function guard ({ socket, headers }: FastifyRequest, origins: readonly string[]): void {
  if (!LOOPBACK.test(socket.remoteAddress ?? '')) throw new DEMO_ERR_NOT_LOCAL()
  // A name that an attacker points at this machine would make his page's origin look like the demo's own.
  if (!origins.includes(`http://${headers.host}`)) throw new DEMO_ERR_CROSS_SITE()
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined && !origins.includes(origin)) throw new DEMO_ERR_CROSS_SITE()
  if (site !== undefined && site !== 'same-origin') throw new DEMO_ERR_CROSS_SITE()
}
