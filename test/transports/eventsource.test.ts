import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import t from 'tap'
import { eventsource } from '../../lib/transports/eventsource.ts'
import type { WireFrame } from '../../lib/transports/transport.ts'

const CONTEXT = { retry: 1234, origin: '' }

t.test('is an event stream in UTF-8', async (t) => {
  t.same(eventsource.headers(CONTEXT), { 'content-type': 'text/event-stream; charset=utf-8' })
  t.same([eventsource.name, eventsource.endsAfterFlush, eventsource.maxBytes], ['eventsource', false, Infinity])
})

t.test('begins with the time after which to come back', async (t) => {
  t.equal(eventsource.preamble(CONTEXT), 'retry: 1234\n\n')
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
  t.equal(eventsource.encode([{ json: '1', id: 'e-1' }, { json: '2', control: true }]), 'id: e-1\ndata: 1\n\nevent: comet\ndata: 2\n\n')
  t.equal(eventsource.encode([]), '')
})

t.test('a line break of any kind makes another line of data', async (t) => {
  t.equal(eventsource.encode([{ json: 'a\nb\rc\r\nd\n\ne' }]), 'data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\n\n')
})

const frame: fc.Arbitrary<WireFrame> = fc.record({
  json: fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\n', '\r', ':', ' ', 'id: 1', 'event: x', 'a') })),
  id: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), { nil: undefined }),
  control: fc.boolean()
})

t.test('a parser finds what was sent, and no data can forge a field', async (t) => {
  fc.assert(fc.property(fc.array(frame), (frames) => {
    const events: WireFrame[] = []
    const parser = createParser({ onEvent ({ data, id, event }) { events.push({ json: data, id, control: event === 'comet' }) } })
    parser.feed(eventsource.preamble(CONTEXT))
    parser.feed(eventsource.encode(frames))
    const expected = frames.map(({ json, id, control }) => ({ json: json.replace(/\r\n|\r/g, '\n'), id, control }))
    return JSON.stringify(events) === JSON.stringify(expected)
  }))
  t.pass()
})
