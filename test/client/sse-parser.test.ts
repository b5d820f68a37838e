import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import t from 'tap'
import { createSseParser } from '../../lib/client/sse-parser.ts'

function parse (chunks: readonly string[]): string[] {
  const events: string[] = []
  const push = createSseParser((data) => { events.push(data) })
  chunks.forEach(push)
  return events
}

const CASES: [title: string, text: string, events: string[]][] = [
  ['a message', 'data: x\n\n', ['x']],
  ['an event of another type', 'event: comet\ndata: x\n\n', ['x']],
  ['several lines of data', 'data: a\ndata:\ndata:b\n\n', ['a\n\nb']],
  ['one space after the colon, no more', 'data:  x\n\n', [' x']],
  ['a field without a colon', 'data\n\n', ['']],
  ['comments and other fields', ': hello\nretry: 100\ndatabase: bar\ndata: x\n\n', ['x']],
  ['nothing for an event without data', 'event: comet\nid: 1\n\ndata: x\n\n', ['x']],
  ['no event that is incomplete', 'data: a\n\ndata: b\nid: 2\n', ['a']],
  ['colons and U+2028 in data', 'data: a:b: \u2028c\n\n', ['a:b: \u2028c']]
]

for (const [title, text, events] of CASES) {
  t.test(`parses ${title}, whatever the line ends and however it is cut`, async (t) => {
    for (const end of ['\n', '\r', '\r\n']) {
      // A CR may be half of a line end, until something else follows.
      const spelled = `${text}:`.replaceAll('\n', end)
      t.same(parse([spelled]), events)
      t.same(parse(spelled.split('')), events, 'in single characters')
      t.same(parse(spelled.match(/[^]{1,2}/g) ?? []), events, 'in twos')
    }
  })
}

t.test('agrees with eventsource-parser, however the stream is cut', async (t) => {
  const piece = fc.constantFrom('data', 'id', 'event', ':', ' ', 'x', '\n', '\n\n', '\r', '\r\n', 'data: y\n\n', '\0', 'ü')
  fc.assert(fc.property(fc.array(piece), fc.array(fc.nat(5)), (pieces, cuts) => {
    const text = pieces.join('') + '\n\ndata: end\n\n'
    const expected: string[] = []
    const parser = createParser({ onEvent: ({ data }) => { expected.push(data) } })
    parser.feed(text)
    const chunks: string[] = []
    let from = 0
    for (const cut of cuts) chunks.push(text.slice(from, from += cut))
    t.same(parse([...chunks, text.slice(from)]), expected)
  }), { numRuns: 500 })
})

t.test('takes a long line in many pieces', async (t) => {
  const chunks = ['data: ', ...Array.from({ length: 2000 }, () => 'x'.repeat(100)), '\n\n']
  t.equal(parse(chunks)[0]?.length, 200_000)
})
