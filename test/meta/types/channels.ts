// Compiled, never run: each @ts-expect-error is an error itself where the line below it has none.
import Fastify from 'fastify'
import comet, { type ChannelData, type Message } from 'fastify-comet'
import { Comet } from 'fastify-comet/client'

interface Line { from: string, text: string }

declare module 'fastify-comet' {
  interface CometChannels {
    chat: Line
    clock: number
    [room: `room:${string}`]: { text: string }
  }
}

const app = Fastify()
await app.register(comet)
const server = app.comet
const client = new Comet('/comet')

// Publishing, on both sides
await server.publish('chat', { from: 'Ada', text: 'hello' }) satisfies string
await server.publish('room:1', { text: 'hello' }, { key: 'once' })
await server.publish('unlisted', { any: ['JSON', 1, null] })
await client.publish('clock', 1)
// @ts-expect-error -- a listed channel takes its own type only
await server.publish('clock', 'noon')
// @ts-expect-error -- a field is missing
await client.publish('chat', { from: 'Ada' })
// @ts-expect-error -- so does one of a listed family
await server.publish('room:1', { words: 'hello' })
// @ts-expect-error -- a number is no key
await server.publish('chat', { from: 'Ada', text: 'hello' }, { key: 1 })

// Listening, on both sides
client.subscribe('chat', ({ from, text }, message) => {
  const line: Line = { from, text }
  const { channel, data }: Message<'chat'> = message
  channel satisfies 'chat'
  data satisfies Line
  return line
}, {
  history: 20,
  onGap: ({ reason }) => { reason satisfies 'evicted' | 'restarted' | 'skipped' }
}) satisfies () => void
server.subscribe('clock', ({ data }) => { data.toFixed() }, { signal: new AbortController().signal })
// @ts-expect-error -- nobody has said what an unlisted channel carries
client.subscribe('unlisted', (data) => { data.text.trim() })
// @ts-expect-error -- a number has no text
client.subscribe('clock', ({ text }) => { text.trim() })
for await (const { data } of client.channel('room:7')) data.text.trim()

// The past, typed too
const { messages, gap, cursor } = await server.history('chat', { limit: 10 })
messages.map(({ data }) => data.from satisfies string)
gap satisfies boolean
cursor satisfies string
type Unlisted = ChannelData<'unlisted'>
const unknown: Unlisted = 1 as unknown
unknown satisfies unknown

// The client's events
client.on('transport', ({ from, to, reason }) => {
  from satisfies 'eventsource' | 'iframe' | 'long-poll' | null
  to satisfies 'eventsource' | 'iframe' | 'long-poll'
  reason satisfies 'start' | 'upgrade' | 'fallback'
})
// @ts-expect-error -- there is no such event
client.on('open', () => {})

// Options
await app.register(comet, {
  name: 'second',
  historySize: (channel) => channel.length,
  authorize: (request) => request.ip === '::1',
  slowConsumer: 'latest'
})
// @ts-expect-error -- an option is spelled otherwise
await app.register(comet, { historysize: 1 })
// @ts-expect-error -- not one of the values
await app.register(comet, { slowConsumer: 'oldest' })
