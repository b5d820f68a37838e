import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import t from 'tap'
import { createSseParser } from '../../lib/client/sse-parser.ts'

function parse (chunks: readonly string[]): unknown[] {
  const frames: unknown[] = []
  const push = createSseParser((data) => { frames.push(JSON.parse(data)) })
  chunks.forEach(push)
  return frames
}

const CASES: [title: string, text: string, frames: unknown[]][] = [
  ['a message', 'id: 1\ndata: {"id":"1"}\n\n', [{ id: '1' }]],
  ['an event of another type', 'event: comet\ndata: {"type":"open"}\n\n', [{ type: 'open' }]],
  ['several events', 'data: 1\n\ndata: 2\n\n', [1, 2]],
  ['comments and other fields', ': hello\nretry: 100\ndatabase: 1\ndata: 2\n\n', [2]],
  ['nothing for an event without data', 'event: comet\nid: 1\n\ndata: 2\n\n', [2]],
  ['no line that is incomplete', 'data: 1\n\ndata: 2', [1]],
  ['what looks like a field in data', 'data: "data: x\\ndata: y"\n\n', ['data: x\ndata: y']],
  ['U+2028 in data', 'data: "a\u2028b"\n\n', ['a\u2028b']]
]

for (const [title, text, frames] of CASES) {
  t.test(`parses ${title}, with LF and CRLF and however it is cut`, async (t) => {
    for (const end of ['\n', '\r\n']) {
      const spelled = text.replaceAll('\n', end)
      t.same(parse([spelled]), frames)
      t.same(parse(spelled.split('')), frames, 'in single characters')
      t.same(parse(spelled.match(/[^]{1,2}/g) ?? []), frames, 'in twos')
    }
  })
}

t.test('agrees with eventsource-parser on events of one line, however the stream is cut', async (t) => {
  const event = fc.tuple(fc.constantFrom('', 'event: comet\n', 'id: 1\n', ': x\n', 'retry: 1\n'), fc.json()).map(([before, data]) => `${before}data: ${data}\n\n`)
  fc.assert(fc.property(fc.array(event), fc.array(fc.nat(9)), (events, cuts) => {
    const text = events.join('')
    const expected: unknown[] = []
    createParser({ onEvent: ({ data }) => { expected.push(JSON.parse(data)) } }).feed(text)
    const chunks: string[] = []
    let from = 0
    for (const cut of cuts) chunks.push(text.slice(from, from += cut))
    t.same(parse([...chunks, text.slice(from)]), expected)
  }), { numRuns: 500 })
})

t.test('takes a long line in many pieces', async (t) => {
  const chunks = ['data: "', ...Array.from({ length: 2000 }, () => 'x'.repeat(100)), '"\n\n']
  t.equal((parse(chunks)[0] as string).length, 200_000)
})
