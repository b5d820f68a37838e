import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { requestedOrigin, parseQuery, type SubscribeQuery } from '../../../../lib/plugin/routes/query.ts'

function request (url: string, headers: Record<string, string | string[]> = {}): FastifyRequest {
  return { raw: { url }, headers } as unknown as FastifyRequest
}

function parse (query: string, headers: Record<string, string | string[]> = {}, maxChannels = 4): SubscribeQuery {
  return parseQuery(request(`/comet/eventsource?${query}`, headers), maxChannels)
}

function history (query: string): object {
  return Object.fromEntries(parse(query).history)
}

const CLIENT = 'x'.repeat(22)

t.test('reads channels as they are encoded, each once', async (t) => {
  t.same(parse('channel=a&channel=b%20c&channel=a&channel=d+e').channels, ['a', 'b c', 'd e'])
})

t.test('what is not asked for is not there', async (t) => {
  const { cursor, history, join, client, origin, others } = parse('channel=a')
  t.same({ cursor, client, origin, others }, { cursor: undefined, client: undefined, origin: undefined, others: '' })
  t.same([history.size, join.size], [0, 0])
})

t.test('reads the rest', async (t) => {
  const { cursor, client, origin, others } = parse(
    `channel=a&cursor=e-1&client=${CLIENT}&origin=https%3A%2F%2Fexample.com&token=x&b=%26`
  )
  t.same({ cursor, client, origin, others }, {
    cursor: 'e-1', client: CLIENT, origin: 'https://example.com', others: 'token=x&b=%26'
  })
})

const wrong: [what: string, query: string, code: string][] = [
  ['no channel', '', 'COMET_ERR_QUERY'],
  ['more channels than allowed', 'channel=a&channel=b&channel=c&channel=d&channel=e', 'COMET_ERR_QUERY'],
  ['an empty channel', 'channel=', 'COMET_ERR_CHANNEL'],
  ['a control character in a channel', 'channel=a%0Ab', 'COMET_ERR_CHANNEL'],
  ['an empty cursor', 'channel=a&cursor=', 'COMET_ERR_CURSOR'],
  ['a malformed cursor', 'channel=a&cursor=a.b', 'COMET_ERR_CURSOR'],
  ['two cursors', 'channel=a&cursor=a&cursor=a', 'COMET_ERR_QUERY'],
  ['a malformed last id in the query', 'channel=a&lastEventId=a.b', 'COMET_ERR_CURSOR'],
  ['two last ids in the query', 'channel=a&lastEventId=a&lastEventId=a', 'COMET_ERR_QUERY'],
  ['an empty history', 'channel=a&history=', 'COMET_ERR_QUERY'],
  ['a negative history', 'channel=a&history=-1', 'COMET_ERR_QUERY'],
  ['a fraction of history', 'channel=a&history=1.5', 'COMET_ERR_QUERY'],
  ['more history than there may be', 'channel=a&history=1001', 'COMET_ERR_QUERY'],
  ['a malformed history beside a cursor', 'channel=a&cursor=e-1&history=x', 'COMET_ERR_QUERY'],
  [
    'another number of histories than of channels', 'channel=a&channel=b&channel=c&history=1&history=2',
    'COMET_ERR_QUERY'
  ],
  [
    'another number of histories than of joins', 'channel=a&channel=b&cursor=e-1&join=a&history=1&history=2',
    'COMET_ERR_QUERY'
  ],
  ['a join without a cursor', 'channel=a&join=a', 'COMET_ERR_QUERY'],
  ['a join that is no channel', 'channel=a&cursor=e-1&join=b', 'COMET_ERR_QUERY'],
  ['a short client', `channel=a&client=${'x'.repeat(21)}`, 'COMET_ERR_QUERY'],
  ['a long client', `channel=a&client=${'x'.repeat(65)}`, 'COMET_ERR_QUERY'],
  ['a client of other characters', `channel=a&client=${'.'.repeat(22)}`, 'COMET_ERR_QUERY'],
  ['two clients', `channel=a&client=${CLIENT}&client=${CLIENT}`, 'COMET_ERR_QUERY'],
  ['two origins', 'channel=a&origin=x&origin=x', 'COMET_ERR_QUERY']
]

for (const [what, query, code] of wrong) {
  t.test(`refuses ${what}`, async (t) => {
    t.throws(() => parse(query), { code, statusCode: 400 })
  })
}

t.test('a wrong client is not shown', async (t) => {
  t.throws(() => parse('channel=a&client=secret'), { message: /got something else$/ })
})

t.test('one history is for all channels, as many as channels are one for each', async (t) => {
  t.same(history('channel=a&channel=b&history=5'), { a: 5, b: 5 })
  t.same(history('channel=a&channel=b&history=1000&history=7'), { a: 1000, b: 7 })
  t.same(history('channel=a&channel=b&history=0&history=7'), { b: 7 })
  t.same(history('channel=a&history=0'), {})
  t.same(history('channel=a&history=0005'), { a: 5 })
})

t.test('with a cursor there is history for those that join only', async (t) => {
  t.same(history('channel=a&channel=b&cursor=e-1&history=5'), {})
  t.same(history('channel=a&channel=b&cursor=e-1&join=b&history=5'), { b: 5 })
  t.same(history('channel=a&channel=b&cursor=e-1&join=b&join=a&history=5&history=6'), { b: 5, a: 6 })
  t.same([...parse('channel=a&channel=b&cursor=e-1&join=b').join], ['b'])
})

t.test('a browser that reconnects by itself resumes at its last id', async (t) => {
  const { cursor, history, join } = parse('channel=a&cursor=e-1&join=a&history=5', { 'last-event-id': 'e-7' })
  t.equal(cursor, 'e-7')
  t.same([history.size, join.size], [0, 0])
})

t.test('an empty last id is none', async (t) => {
  t.equal(parse('channel=a&cursor=e-1', { 'last-event-id': '' }).cursor, 'e-1')
})

t.test('a last id may be in the query, as polyfills of EventSource send it', async (t) => {
  const { cursor, history, join, others } = parse('channel=a&cursor=e-1&join=a&history=5&lastEventId=e-7&token=x')
  t.same([cursor, history.size, join.size, others], ['e-7', 0, 0, 'token=x'])
  t.equal(parse('channel=a&lastEventId=e-7', { 'last-event-id': '' }).cursor, 'e-7')
})

t.test('a last id in the query is not looked at beside one in the header', async (t) => {
  t.equal(parse('channel=a&lastEventId=e-7', { 'last-event-id': 'e-8' }).cursor, 'e-8')
  t.equal(parse('channel=a&lastEventId=a.b', { 'last-event-id': 'e-8' }).cursor, 'e-8')
})

t.test('an empty last id in the query is none', async (t) => {
  t.equal(parse('channel=a&cursor=e-1&lastEventId=').cursor, 'e-1')
})

t.test('a malformed last id is refused', async (t) => {
  t.throws(() => parse('channel=a', { 'last-event-id': 'a b' }), { code: 'COMET_ERR_CURSOR' })
  t.throws(() => parse('channel=a', { 'last-event-id': ['a', 'b'] }), { code: 'COMET_ERR_CURSOR' })
})

t.test('a target may have 6 KiB and no more', async (t) => {
  const url = '/comet/eventsource?channel=a&token='
  t.same(parseQuery(request(url + 'x'.repeat(6144 - url.length)), 4).channels, ['a'])
  t.throws(() => parseQuery(request(url + 'x'.repeat(6145 - url.length)), 4), {
    code: 'COMET_ERR_TARGET_TOO_LONG', statusCode: 414
  })
})

t.test('a target without a query asks for nothing', async (t) => {
  t.throws(() => parseQuery(request('/comet/eventsource'), 4), {
    code: 'COMET_ERR_QUERY', message: 'query key "channel" must be given 1 to 4 times, got 0 channels'
  })
  t.throws(() => parseQuery({ raw: {}, headers: {} } as unknown as FastifyRequest, 4), { code: 'COMET_ERR_QUERY' })
})

t.test('finds the origin of a request that may be malformed otherwise', async (t) => {
  t.equal(requestedOrigin(request('/comet/iframe?origin=https%3A%2F%2Fexample.com')), 'https://example.com')
  t.equal(requestedOrigin(request('/comet/iframe?channel=a')), undefined)
  t.equal(requestedOrigin(request('/comet/iframe')), undefined)
})

t.test('names the key whose encoding is no UTF-8', async (t) => {
  for (const query of ['token=%FF&channel=a%C3', 'channel=a&channel=%', '%63hannel=%zz']) {
    t.throws(() => parse(query), {
      code: 'COMET_ERR_QUERY', statusCode: 400, message: /^query key "channel" must be percent-encoded UTF-8, got "/
    }, query)
  }
})

t.test('keys of the application may be in another encoding', async (t) => {
  t.same(parse('channel=%C3%A4&name=%E4&%E4=1').channels, ['ä'])
})
