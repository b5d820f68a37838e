import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import t from 'tap'
import { eventsource } from '../../../lib/transports/eventsource.ts'
import type { WireFrame } from '../../../lib/transports/frames.ts'
import { property } from '../../fixtures/property.ts'

const CONTEXT = { retry: 1234, origin: '' }

t.test('is an event stream in UTF-8', async (t) => {
  t.same(eventsource.headers(CONTEXT), { 'content-type': 'text/event-stream; charset=utf-8' })
  t.same([eventsource.name, eventsource.policy.endsAfterFlush, eventsource.maxBytes], ['eventsource', false, Infinity])
})

t.test('the time after which to come back is the first line of the first frame', async (t) => {
  t.equal(eventsource.preamble(CONTEXT), 'retry: 1234\n')
})

t.test('a message is an event of the default type with its id', async (t) => {
  t.equal(eventsource.encode([{ json: '{"id":"e-1"}', id: 'e-1' }]), 'id: e-1\ndata: {"id":"e-1"}\n\n')
})

t.test('a message of the past has no id', async (t) => {
  t.equal(eventsource.encode([{ json: '{}' }]), 'data: {}\n\n')
})

t.test('any other frame is an event of our own type, with its cursor where it has one', async (t) => {
  t.equal(eventsource.encode([{ json: '{}', control: true }]), 'event: comet\ndata: {}\n\n')
  t.equal(eventsource.encode([{ json: '{}', control: true, id: 'e-1' }]), 'event: comet\nid: e-1\ndata: {}\n\n')
})

t.test('a frame with a time to come back says it to the browser too', async (t) => {
  t.equal(eventsource.encode([{ json: '{}', control: true, retry: 0 }]), 'retry: 0\nevent: comet\ndata: {}\n\n')
})

t.test('frames follow one another', async (t) => {
  t.equal(
    eventsource.encode([{ json: '1', id: 'e-1' }, { json: '2', control: true }]),
    'id: e-1\ndata: 1\n\nevent: comet\ndata: 2\n\n'
  )
  t.equal(eventsource.encode([]), '')
})

t.test('a line break of any kind makes another line of data', async (t) => {
  t.equal(
    eventsource.encode([{ json: 'a\nb\rc\r\nd\n\ne' }]), 'data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\n\n'
  )
})

t.test('what some readers take for the end of a line is escaped', async (t) => {
  t.equal(
    eventsource.encode([{ json: '"a\u2028b\u2029c\u0085"', id: 'e-1' }]),
    'id: e-1\ndata: "a\\u2028b\\u2029c\\u0085"\n\n'
  )
  t.equal(
    eventsource.encode([{ json: '{"channels":["\u0085"]}', control: true }]),
    'event: comet\ndata: {"channels":["\\u0085"]}\n\n'
  )
})

t.test('a line of data holds the JSON that was sent, whatever it is', async (t) => {
  const text = fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom('\u2028', '\u2029', '\u0085', '\\')
    )
  })
  await property(t, text, (value) => {
    const json = /^data: ([^\r\n\u0085\u2028\u2029]*)\n\n$/.exec(
      eventsource.encode([{ json: JSON.stringify(value) }])
    )?.[1]
    return json !== undefined && JSON.parse(json) === value
  })
})

const frame: fc.Arbitrary<WireFrame> = fc.record({
  json: fc.oneof(
    fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\n', '\r', ':', ' ', 'id: 1', 'event: x', 'a') })
  ),
  id: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), { nil: undefined }),
  control: fc.boolean()
})

t.test('a parser finds what was sent, and no data can forge a field', async (t) => {
  await property(t, fc.array(frame), (frames) => {
    const events: WireFrame[] = []
    const parser = createParser({
      onEvent ({ data, id, event }) {
        events.push({ json: data, id, control: event === 'comet' })
      }
    })
    if (frames.length > 0) parser.feed(eventsource.preamble(CONTEXT))
    parser.feed(eventsource.encode(frames))
    const expected = frames.map(({ json, id, control }) =>
      ({ json: json.replace(/\r\n|\r/g, '\n').replace(/[\u0085\u2028\u2029]/g, escaped), id, control }))
    return JSON.stringify(events) === JSON.stringify(expected)
  })
})

function escaped (character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
