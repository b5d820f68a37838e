import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { iframe } from '../../../lib/transports/iframe.ts'
import { property } from '../../fixtures/property.ts'

const OWN = { retry: 0, origin: '' }
const OTHER = { retry: 0, origin: 'https://example.com' }

/** The script in the preamble. */
function bootstrap (preamble: string): string {
  return /<script>([^]*?)<\/script>/.exec(preamble)?.[1] ?? ''
}

t.test('is a document in UTF-8 that ends after 2 MiB', async (t) => {
  t.equal(iframe.headers(OWN)['content-type'], 'text/html; charset=utf-8')
  t.same([iframe.name, iframe.policy.endsAfterFlush, iframe.maxBytes], ['iframe', false, 2_097_152])
})

t.test('its policy allows nothing but its own script, by its hash, and its own parent', async (t) => {
  const hash = createHash('sha256').update(bootstrap(iframe.preamble(OWN))).digest('base64')
  t.equal(
    iframe.headers(OWN)['content-security-policy'],
    `default-src 'none'; script-src 'sha256-${hash}'; frame-ancestors 'self'; base-uri 'none'`
  )
  t.equal(
    iframe.headers(OTHER)['content-security-policy'],
    `default-src 'none'; script-src 'sha256-${hash}'; frame-ancestors https://example.com; base-uri 'none'`
  )
})

t.test('removes what would forbid the parent', async (t) => {
  for (const name of ['x-frame-options', 'content-security-policy-report-only']) {
    t.ok(name in iframe.headers(OWN))
    t.equal(iframe.headers(OWN)[name], undefined)
  }
})

t.test('begins with a document whose script is the same for every parent', async (t) => {
  t.match(iframe.preamble(OWN), /^<!doctype html><html data-origin=""><head><meta charset="utf-8">/)
  t.match(iframe.preamble(OTHER), /^<!doctype html><html data-origin="https:\/\/example\.com">/)
  t.equal(bootstrap(iframe.preamble(OWN)), bootstrap(iframe.preamble(OTHER)))
})

t.test('its script posts to one origin, and is ES5', async (t) => {
  const script = bootstrap(iframe.preamble(OWN))
  t.match(script, 'parent.postMessage(text, origin)')
  t.notMatch(script, "'*'")
  t.notMatch(script, /=>|`|\b(let|const)\b|</)
})

t.test('sends at least 1024 bytes before the first frame', async (t) => {
  t.ok(Buffer.byteLength(iframe.preamble(OWN)) >= 1024)
})

t.test('a frame is an inert block of JSON', async (t) => {
  t.equal(iframe.encode([{ json: '{"a":1}', id: 'e-1' }, { json: '{}', control: true, retry: 7 }]),
    '<script type="application/json">{"a":1}</script>\n<script type="application/json">{}</script>\n')
  t.equal(iframe.encode([]), '')
})

t.test('what could end the block, or a line of it, is escaped', async (t) => {
  t.equal(iframe.encode([{ json: '"</script><script>alert(1)</script><!--\u2028\u2029>&"' }]),
    '<script type="application/json">"\\u003c/script>\\u003cscript>alert(1)\\u003c/script>\\u003c!--\\u2028\\u2029>&"</script>\n')
})

t.test('a block holds the JSON that was sent, whatever it is', async (t) => {
  const text = fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(
        '<', '</script>', '<!--', '\u2028', '\\'
      )
    )
  })
  await property(t, text, (value) => {
    const html = iframe.encode([{ json: JSON.stringify(value) }])
    const inside = /^<script type="application\/json">([^<\u2028\u2029]*)<\/script>\n$/.exec(html)?.[1]
    return inside !== undefined && JSON.parse(inside) === value
  })
})
