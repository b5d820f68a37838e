import t from 'tap'
import { buildApp } from '../../demo/app.ts'
import { CHAT_LINE_LIMITS } from '../../demo/channels.ts'
import { PAGES } from './start.ts'

const refused: [what: string, payload: unknown, statusCode: number, message: RegExp][] = [
  ['another channel', { channel: 'clock', data: { time: 1 } }, 403, /"chat"/],
  ['a text', { channel: 'chat', data: 'hello' }, 400, /object/],
  ['null', { channel: 'chat', data: null }, 400, /object/],
  ['no name', { channel: 'chat', data: { text: 'hello' } }, 400, /name .* string/],
  ['a number as text', { channel: 'chat', data: { from: 'Ada', text: 1 } }, 400, /text .* string/],
  ['an empty name', { channel: 'chat', data: { from: ' ', text: 'hello' } }, 400, /name is empty/],
  [
    'a long name',
    { channel: 'chat', data: { from: 'x'.repeat(CHAT_LINE_LIMITS.from + 1), text: 'hello' } },
    400,
    /41 characters/
  ],
  [
    'a long text',
    { channel: 'chat', data: { from: 'Ada', text: 'x'.repeat(CHAT_LINE_LIMITS.text + 1) } },
    400,
    /501 characters/
  ],
  ['something more', { channel: 'chat', data: { from: 'Ada', text: 'hello', color: 'red' } }, 400, /no "color"/]
]

t.test('what is no line of the chat is refused', async (t) => {
  const app = await buildApp({ root: PAGES })
  t.teardown(() => app.close())
  for (const [what, payload, statusCode, message] of refused) {
    const response = await app.inject({ method: 'POST', url: '/comet/publish', payload: payload as object })
    t.equal(response.statusCode, statusCode, what)
    t.match(response.json().message, message, what)
  }
})

t.test('a line is published', async (t) => {
  const app = await buildApp({ root: PAGES })
  t.teardown(() => app.close())
  const payload = { channel: 'chat', data: { from: 'Ada', text: '€'.repeat(CHAT_LINE_LIMITS.text) } }
  const response = await app.inject({ method: 'POST', url: '/comet/publish', payload })
  t.equal(response.statusCode, 201)
  const { messages } = await app.comet.history('chat')
  t.match(messages, [{ id: response.json().id, data: payload.data }])
})

t.test('nobody may listen to other channels', async (t) => {
  const app = await buildApp({ root: PAGES })
  t.teardown(() => app.close())
  t.equal((await app.inject('/comet/long-poll?channel=live')).statusCode, 403)
  t.match((await app.inject('/comet/long-poll?channel=live&channel=chat')).json(), [
    { type: 'open' }, { type: 'denied', channels: ['live'] }
  ])
})
