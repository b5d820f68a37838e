import createError from '@fastify/error'
import type { FastifyRequest } from 'fastify'
import { CHAT_LINE_LIMITS } from './channels.ts'

const DEMO_ERR_LINE = createError('DEMO_ERR_LINE', '%s', 400)
const DEMO_ERR_READ_ONLY = createError('DEMO_ERR_READ_ONLY', 'Browsers may publish only to the channel "chat"', 403)

const CHANNELS = ['clock', 'chat']

interface AuthorizeQuestion {
  action: 'subscribe' | 'publish'
  channels: readonly string[]
}

/**
 * The demo's rules: everyone may subscribe to the clock and the chat, and publish lines to the chat.
 *
 * @throws DEMO_ERR_READ_ONLY (403) for a publish to another channel, DEMO_ERR_LINE (400) for data that is not a line
 */
export function authorize (request: FastifyRequest, { action, channels }: AuthorizeQuestion): { channels: string[] } {
  if (action === 'publish') {
    if (channels.some((channel) => channel !== 'chat')) throw new DEMO_ERR_READ_ONLY()
    checkLine(request.body)
  }
  return { channels: channels.filter((channel) => CHANNELS.includes(channel)) }
}

function checkLine (body: unknown): void {
  const line = field(body, 'data')
  if (typeof line !== 'object' || line === null) {
    throw new DEMO_ERR_LINE('A line must be an object with "from" and "text"')
  }
  const unknown = Object.keys(line).find((key) => key !== 'from' && key !== 'text')
  if (unknown !== undefined) throw new DEMO_ERR_LINE(`A line has no "${unknown.slice(0, 40)}"`)
  checkText('name', field(line, 'from'), CHAT_LINE_LIMITS.from)
  checkText('text', field(line, 'text'), CHAT_LINE_LIMITS.text)
}

function checkText (what: string, value: unknown, limit: number): void {
  if (typeof value !== 'string') throw new DEMO_ERR_LINE(`The ${what} of a line must be a string`)
  if (value.trim() === '') throw new DEMO_ERR_LINE(`The ${what} is empty`)
  const length = [...value].length
  if (length > limit) throw new DEMO_ERR_LINE(`The ${what} has ${length} characters, the limit is ${limit}`)
}

function field (value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
