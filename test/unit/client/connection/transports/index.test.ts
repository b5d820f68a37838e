import t from 'tap'
import { detect, TRANSPORTS, usable } from '../../../../../lib/client/connection/transports/index.ts'
import { TRANSPORT_NAMES } from '../../../../../lib/protocol/wire.ts'
import { memoryBrowser } from '../../../../fixtures/client-in-memory.ts'

const STREAMS = { fetch, Headers, AbortController, TextDecoder, ReadableStream }
const PAGE = { document: {}, addEventListener: () => {} }

t.test('there is a transport for each name', async (t) => {
  t.same(Object.keys(TRANSPORTS).sort(), [...TRANSPORT_NAMES].sort())
})

for (const [title, overrides, expected] of [
  ['an old browser', PAGE, { eventsource: false, iframe: true, 'long-poll': true }],
  ['a browser', { ...PAGE, ...STREAMS, EventSource: class {} }, { eventsource: true, iframe: true, 'long-poll': true }],
  ['a process', { ...STREAMS, XMLHttpRequest: undefined }, { eventsource: true, iframe: false, 'long-poll': true }],
  ['fetch without streams', { ...STREAMS, ReadableStream: undefined, XMLHttpRequest: undefined }, {
    eventsource: false, iframe: false, 'long-poll': true
  }],
  ['nothing', { XMLHttpRequest: undefined }, { eventsource: false, iframe: false, 'long-poll': false }]
] as const) {
  t.test(`what ${title} supports`, async (t) => {
    t.same(detect(memoryBrowser(overrides as object).env), expected)
  })
}

t.test('those that the application allows, in its order', async (t) => {
  const { settings } = memoryBrowser({ ...PAGE, EventSource: class {} } as object)
  t.same(usable(settings({ transports: ['long-poll', 'eventsource'] })), ['long-poll', 'eventsource'])
})

t.test('request headers exclude the iframe, and EventSource where fetch cannot read streams', async (t) => {
  const headers = () => ({})
  const old = memoryBrowser({ ...PAGE, EventSource: class {} } as object)
  t.same(usable(old.settings({ headers })), ['long-poll'])
  const modern = memoryBrowser({ ...PAGE, ...STREAMS, EventSource: class {} } as object)
  t.same(usable(modern.settings({ headers })), ['eventsource', 'long-poll'])
})
