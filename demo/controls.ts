import createError from '@fastify/error'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DEFAULT_BURST, DEFAULT_SECONDS, LIMITS } from './lanes.ts'
import type { Action } from './lanes.ts'
import type { Testbed } from './testbed.ts'

const DEMO_ERR_NOT_LOCAL = createError(
  'DEMO_ERR_NOT_LOCAL', 'The controls only work on the machine that runs the demo', 403
)
const DEMO_ERR_CROSS_SITE = createError('DEMO_ERR_CROSS_SITE', "The controls only work from the demo's own page", 403)
const DEMO_ERR_LAST_NODE = createError('DEMO_ERR_LAST_NODE', 'The last node cannot be killed', 409)

const LOOPBACK = /^(::ffff:)?127\.|^::1$/

interface Range { least: number, most: number }
interface Control {
  value?: { range: Range, fallback: number }
  run: (testbed: Testbed, value: number) => void | Promise<void>
}

const { rate, size, burst, seconds } = LIMITS

const CONTROLS: Record<Action, Control> = {
  rate: { value: { range: rate, fallback: 10 }, run: (testbed, value) => { testbed.publisher.rate = value } },
  size: { value: { range: size, fallback: 100 }, run: (testbed, value) => { testbed.publisher.size = value } },
  burst: { value: { range: burst, fallback: DEFAULT_BURST }, run: (testbed, value) => testbed.publisher.burst(value) },
  stall: {
    value: { range: seconds, fallback: DEFAULT_SECONDS.stall },
    run: (testbed, value) => testbed.stall(value * 1000)
  },
  buffer: {
    value: { range: seconds, fallback: DEFAULT_SECONDS.buffer },
    run: (testbed, value) => testbed.buffer(value * 1000)
  },
  cut: { run: (testbed) => testbed.cut() },
  restart: { run: (testbed) => testbed.restart() },
  forget: { run: (testbed) => testbed.forget() },
  kill: { run: (testbed) => { if (!testbed.kill()) throw new DEMO_ERR_LAST_NODE() } }
}

export interface ControlsOptions {
  testbed: Promise<Testbed>
  /** Returns the origins of the demo's own pages. */
  origins: () => string[]
}

/** The routes `POST /control/<action>` of the side-by-side page, only for the demo's own page on its own machine. */
export async function controls (app: FastifyInstance, { testbed, origins }: ControlsOptions): Promise<void> {
  for (const [action, { value, run }] of Object.entries(CONTROLS)) {
    app.post<{ Body: { value?: number } }>(`/control/${action}`, {
      schema: { body: bodySchema(value) },
      onRequest: async (request) => { checkRequest(request, origins()) }
    }, async (request) => {
      const ready = await testbed
      await run(ready, request.body.value ?? 0)
      return ready.state
    })
  }
}

function bodySchema (value: Control['value']): object {
  const properties = value === undefined
    ? {}
    : { value: { type: 'number', minimum: value.range.least, maximum: value.range.most, default: value.fallback } }
  return { type: 'object', properties, additionalProperties: false }
}

function checkRequest ({ socket, headers }: FastifyRequest, origins: readonly string[]): void {
  if (!LOOPBACK.test(socket.remoteAddress ?? '')) throw new DEMO_ERR_NOT_LOCAL()
  // An attacker's domain that resolves to this machine would make the attacker's page look like the demo's own.
  if (!origins.includes(`http://${headers.host}`)) throw new DEMO_ERR_CROSS_SITE()
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined && !origins.includes(origin)) throw new DEMO_ERR_CROSS_SITE()
  if (site !== undefined && site !== 'same-origin') throw new DEMO_ERR_CROSS_SITE()
}
