// The event stream of https://html.spec.whatwg.org/multipage/server-sent-events.html, as bytes that are cut anywhere.
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import t from 'tap'
import { createSseParser, type SseEvent } from '../../../../lib/client/connection/sse-parser.ts'
import { property } from '../../../fixtures/property.ts'

/** Decoded as the client does it. */
function parse (pieces: readonly Uint8Array[]): SseEvent[] {
  const events: SseEvent[] = []
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const push = createSseParser((event) => { events.push(event) })
  for (const piece of pieces) push(decoder.decode(piece, { stream: true }))
  return events
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const message = (data: string): SseEvent => ({ type: 'message', data })

const CASES: [title: string, stream: string, events: SseEvent[]][] = [
  ['lines that end with LF', 'data: a\ndata: b\n\n', [message('a\nb')]],
  ['lines that end with CR', 'data: a\rdata: b\r\r', [message('a\nb')]],
  ['lines that end with CRLF', 'data: a\r\ndata: b\r\n\r\n', [message('a\nb')]],
  ['all three in one event', 'data: a\rdata: b\r\ndata: c\n\ndata: d\n\r', [message('a\nb\nc'), message('d')]],
  ['two events that CR LF and LF separate', 'data: a\r\n\ndata: b\r\n\n', [message('a'), message('b')]],
  ['CR and CR as two ends, LF and CR too', 'data: a\r\rdata: b\n\rdata: c\n\n', [
    message('a'), message('b'), message('c')
  ]],
  ['one byte order mark at the start', '\ufeffdata: a\n\n', [message('a')]],
  ['no second byte order mark', '\ufeff\ufeffdata: a\n\ndata: b\n\n', [message('b')]],
  [
    'no byte order mark further on', 'data: a\n\n\ufeffdata: b\n\ndata: \ufeffc\n\n', [message('a'), message('\ufeffc')]
  ],
  ['data without a space', 'data:a\n\n', [message('a')]],
  ['one space only', 'data:  a \n\n', [message(' a ')]],
  ['a tab, which is no space', 'data:\ta\n\n', [message('\ta')]],
  ['colons in data', 'data:a:b: c\n\n', [message('a:b: c')]],
  ['several lines of data, empty ones among them', 'data: a\ndata\ndata:\ndata: b\n\n', [message('a\n\n\nb')]],
  ['JSON over several lines', 'data: {\ndata: "a": 1\ndata: }\n\n', [message('{\n"a": 1\n}')]],
  ['an event of empty data', 'data\n\ndata:\n\n', [message(''), message('')]],
  ['an event of two empty lines of data', 'data\ndata\n\n', [message('\n')]],
  ['no event without data', 'event: comet\nid: 1\n\nretry: 5\n\n\n\ndata: a\n\n', [message('a')]],
  ['the type of an event, which is forgotten after it', 'event: comet\ndata: a\n\ndata: b\n\n', [
    { type: 'comet', data: 'a' }, message('b')
  ]],
  ['a type that is forgotten with an event without data', 'event: comet\n\ndata: a\n\n', [message('a')]],
  ['the last of several types, an empty one too', 'event: a\nevent:b\ndata: 1\n\nevent: a\nevent\ndata: 2\n\n', [
    { type: 'b', data: '1' }, message('2')
  ]],
  ['a type after its data', 'data: a\nevent: b\n\n', [{ type: 'b', data: 'a' }]],
  ['comments', ':\n: data: x\n:data: y\ndata: a\n:z\ndata: b\n\n', [message('a\nb')]],
  ['a comment alone, which ends no event', 'data: a\n: x\n\n: y\n\n', [message('a')]],
  [
    'unknown fields and names that look alike',
    'foo: x\n data: x\nData: x\ndata : x\ndatabase: x\nda: x\ndata: a\n\n',
    [message('a')]
  ],
  ['ids and delays, with whatever they hold', 'id: 1\0\nretry: x\nid\nretry\ndata: a\n\n', [message('a')]],
  ['NUL in data', 'data: a\0b\n\n', [message('a\0b')]],
  ['what other programs take for the end of a line', 'data: a\u2028b\u2029c\u0085d\u000be\n\n', [
    message('a\u2028b\u2029c\u0085d\u000be')
  ]],
  ['characters of several bytes', 'data: ä€😀\n\n', [message('ä€😀')]],
  ['no event that is not finished', 'data: a\n\ndata: b\n', [message('a')]],
  ['no line that is not finished', 'data: a\n\ndata: b', [message('a')]],
  ['nothing', '', []],
  ['empty lines', '\n\r\n\r\r', []]
]

for (const [title, stream, events] of CASES) {
  t.test(`reads ${title}, whole, byte by byte, and cut at each byte`, async (t) => {
    const all = bytes(stream)
    t.same(parse([all]), events)
    t.same(parse([...all].map((byte) => Uint8Array.of(byte))), events, 'byte by byte')
    const differing = [...all.keys()].filter((cut) =>
      JSON.stringify(parse([all.subarray(0, cut), new Uint8Array(), all.subarray(cut)])) !== JSON.stringify(events))
    t.same(differing, [], 'cut in two')
  })
}

const piece = fc.constantFrom(
  'data: ', 'data:', 'data', 'event: x', 'event', ': c', 'id: 1', 'retry: 1', 'da', 'a', ' ', ':', '\n', '\n\n',
  '\r', '\r\n', '\r\n\r\n', '\ufeff', '\u2028', 'é'
)

t.test('reads what eventsource-parser reads, however the stream is cut', async (t) => {
  await property(t, fc.tuple(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(9))), ([pieces, cuts]) => {
    // The other parser is not given a byte order mark at the start, nor a CR at the end, which may be half of a CRLF.
    const stream = '\n' + pieces.join('') + '\n\n:'
    const expected: SseEvent[] = []
    createParser({ onEvent: ({ event, data }) => { expected.push({ type: event || 'message', data }) } }).feed(stream)
    const all = bytes(stream)
    const parts: Uint8Array[] = []
    let from = 0
    for (const cut of cuts) parts.push(all.subarray(from, from += cut))
    return JSON.stringify(parse([...parts, all.subarray(from)])) === JSON.stringify(expected)
  }, { numRuns: 2000 })
})

t.test('takes an event of several MiB in many pieces', async (t) => {
  const part = bytes('x'.repeat(16 * 1024))
  const [event] = parse([bytes('data: '), ...Array.from({ length: 256 }, () => part), bytes('\n\n')])
  t.equal(event?.data.length, 4 * 1024 * 1024)
})
