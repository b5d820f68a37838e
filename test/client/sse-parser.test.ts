import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import t from 'tap'
import { SseParser, type ServerSentEvent } from '../../lib/client/sse-parser.ts'

function parse (chunks: readonly string[]): ServerSentEvent[] {
  const events: ServerSentEvent[] = []
  const parser = new SseParser((event) => { events.push(event) })
  chunks.forEach((chunk) => { parser.push(chunk) })
  return events
}

const CASES: [title: string, text: string, events: Partial<ServerSentEvent>[]][] = [
  ['a message', 'data: x\n\n', [{ type: 'message', data: 'x', id: '' }]],
  ['an event of another type', 'event: comet\ndata: x\n\n', [{ type: 'comet', data: 'x' }]],
  ['the type of one event only', 'event: comet\ndata: x\n\ndata: y\n\n', [{ type: 'comet' }, { type: 'message' }]],
  ['several lines of data', 'data: a\ndata:\ndata:b\n\n', [{ data: 'a\n\nb' }]],
  ['one space after the colon, no more', 'data:  x\n\n', [{ data: ' x' }]],
  ['a field without a colon', 'data\n\n', [{ data: '' }]],
  ['comments and unknown fields', ': hello\nretry: 100\nfoo: bar\ndata: x\n\n', [{ data: 'x' }]],
  ['nothing for an event without data', 'event: comet\nid: 1\n\ndata: x\n\n', [{ type: 'message', data: 'x', id: '1' }]],
  ['no event that is incomplete', 'data: a\n\ndata: b\nid: 2\n', [{ data: 'a', id: '' }]],
  ['an id that stays', 'id: 1\ndata: a\n\ndata: b\n\n', [{ id: '1' }, { id: '1' }]],
  ['an empty id', 'id: 1\ndata: a\n\nid\ndata: b\n\n', [{ id: '1' }, { id: '' }]],
  ['no id with a NUL', 'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n', [{ id: '1' }, { id: '1' }]],
  ['colons and U+2028 in data', 'data: a:b: \u2028c\n\n', [{ data: 'a:b: \u2028c' }]]
]

for (const [title, text, events] of CASES) {
  t.test(`parses ${title}, whatever the line ends and however it is cut`, async (t) => {
    for (const end of ['\n', '\r', '\r\n']) {
      const spelled = text.replaceAll('\n', end)
      t.match(parse([spelled]), events)
      t.same(parse(spelled.split('')), parse([spelled]), 'in single characters')
      t.same(parse(spelled.match(/[^]{1,2}/g) ?? []), parse([spelled]), 'in twos')
    }
  })
}

t.test('agrees with eventsource-parser, however the stream is cut', async () => {
  const piece = fc.constantFrom('data', 'id', 'event', ':', ' ', 'x', '\n', '\n\n', '\r', '\r\n', 'data: y\n\n', '\0', 'ü')
  fc.assert(fc.property(fc.array(piece), fc.array(fc.nat(5)), (pieces, cuts) => {
    const text = pieces.join('') + '\n\ndata: end\n\n'
    const expected: ServerSentEvent[] = []
    let id = ''
    const parser = createParser({ onEvent: (event) => { expected.push({ type: event.event || 'message', data: event.data, id: event.id ?? '' }) } })
    parser.feed(text)
    const chunks: string[] = []
    let from = 0
    for (const cut of cuts) chunks.push(text.slice(from, from += cut))
    const got = parse([...chunks, text.slice(from)])
    // That parser tells an id only with its own event.
    for (const event of expected) id = event.id = event.id || id
    t.same(got.map(({ type, data }) => ({ type, data })), expected.map(({ type, data }) => ({ type, data })))
  }), { numRuns: 500 })
})

t.test('takes a long line in many pieces', async (t) => {
  const chunks = ['data: ', ...Array.from({ length: 2000 }, () => 'x'.repeat(100)), '\n\n']
  t.equal(parse(chunks)[0]?.data.length, 200_000)
})
