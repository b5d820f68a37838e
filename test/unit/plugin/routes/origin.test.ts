import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { embeddingOrigin, refuseCrossSite } from '../../../../lib/plugin/routes/origin.ts'

const OWN = 'https://chat.example.com:8443'
const OTHER = 'https://example.com'

function request (headers: Record<string, string> = {}): FastifyRequest {
  return { protocol: 'https', host: 'chat.example.com:8443', headers } as unknown as FastifyRequest
}

t.test('a frame posts to its own origin unless another one is asked for', async (t) => {
  t.equal(embeddingOrigin(request(), undefined, []), '')
  t.equal(embeddingOrigin(request(), OWN, []), '')
})

t.test('it posts to another origin that is listed', async (t) => {
  t.equal(embeddingOrigin(request(), OTHER, [OTHER]), OTHER)
})

t.test('it posts to no other', async (t) => {
  for (const origin of [OTHER, '', '*', 'null', 'http://chat.example.com:8443', `${OTHER}/`]) {
    t.throws(() => embeddingOrigin(request(), origin, []), { code: 'COMET_ERR_ORIGIN', statusCode: 403 })
  }
})

const allowed: [what: string, headers: Record<string, string>][] = [
  ['no page at all', {}],
  ['the same origin', { 'sec-fetch-site': 'same-origin', origin: OWN }],
  ['the same origin behind a proxy', { 'sec-fetch-site': 'same-origin', origin: 'https://public.example.com' }],
  ['the address bar', { 'sec-fetch-site': 'none' }],
  ['its own origin, from an old browser', { origin: OWN }],
  ['a listed origin', { 'sec-fetch-site': 'cross-site', origin: OTHER }],
  ['a listed origin, from an old browser', { origin: OTHER }]
]

const refused: [what: string, headers: Record<string, string>][] = [
  ['a foreign site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a foreign site, from an old browser', { origin: 'https://evil.example' }],
  ['a foreign site that hides its origin', { 'sec-fetch-site': 'cross-site' }],
  ['a sandbox', { origin: 'null' }],
  ['another host of the same site', { 'sec-fetch-site': 'same-site', origin: 'https://other.example.com' }],
  ['its own name that a browser calls foreign', { 'sec-fetch-site': 'cross-site', origin: OWN }]
]

for (const [what, headers] of allowed) {
  t.test(`a request of ${what} is let in`, async (t) => {
    refuseCrossSite(request(headers), [OTHER])
    t.pass()
  })
}

for (const [what, headers] of refused) {
  t.test(`a request of ${what} is refused`, async (t) => {
    t.throws(() => { refuseCrossSite(request(headers), [OTHER]) }, { code: 'COMET_ERR_ORIGIN', statusCode: 403 })
  })
}
