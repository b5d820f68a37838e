import createError from '@fastify/error'
import type { FastifyRequest } from 'fastify'
import { LINE_LIMITS } from './channels.ts'

const DEMO_ERR_LINE = createError('DEMO_ERR_LINE', '%s', 400)
const DEMO_ERR_READ_ONLY = createError('DEMO_ERR_READ_ONLY', 'Only the channel "chat" takes lines from browsers', 403)

const CHANNELS = ['clock', 'chat']

interface Question {
  action: 'subscribe' | 'publish'
  channels: readonly string[]
}

/**
 * The demo's rules: everybody may listen to the clock and the chat, and write lines to the chat.
 *
 * @throws DEMO_ERR_READ_ONLY (403) for a publish to another channel, DEMO_ERR_LINE (400) for what is not a line
 */
export function authorize (request: FastifyRequest, { action, channels }: Question): { channels: string[] } {
  if (action === 'publish') {
    if (channels.some((channel) => channel !== 'chat')) throw new DEMO_ERR_READ_ONLY()
    checkLine(request.body)
  }
  return { channels: channels.filter((channel) => CHANNELS.includes(channel)) }
}

function checkLine (body: unknown): void {
  const line = field(body, 'data')
  if (typeof line !== 'object' || line === null) throw new DEMO_ERR_LINE('A line is an object with "from" and "text"')
  const stranger = Object.keys(line).find((key) => key !== 'from' && key !== 'text')
  if (stranger !== undefined) throw new DEMO_ERR_LINE(`A line has no "${stranger.slice(0, 40)}"`)
  checkText('name', field(line, 'from'), LINE_LIMITS.from)
  checkText('text', field(line, 'text'), LINE_LIMITS.text)
}

function checkText (what: string, value: unknown, limit: number): void {
  if (typeof value !== 'string') throw new DEMO_ERR_LINE(`The ${what} of a line is a string`)
  if (value.trim() === '') throw new DEMO_ERR_LINE(`The ${what} is empty`)
  const length = [...value].length
  if (length > limit) throw new DEMO_ERR_LINE(`The ${what} has ${length} characters, the limit is ${limit}`)
}

function field (value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
