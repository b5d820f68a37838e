import t from 'tap'
import { type CometOptions, createSettings } from '../../../lib/client/options.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'

const URL = 'https://a.example/comet'
const env = nodeEnv()

t.test('what is not given is the default', async (t) => {
  const options = { upgrade: undefined } as unknown as CometOptions
  t.match(createSettings(env, `${URL}//`, options), {
    url: URL, transports: ['eventsource', 'iframe', 'long-poll'], firstFrameTimeout: 2000, upgrade: true, options
  })
})

t.test('what is given stands', async (t) => {
  const given: CometOptions = {
    transports: ['long-poll'], firstFrameTimeout: 500, upgrade: false, share: 'ann', cursor: 'e-1'
  }
  t.match(createSettings(env, URL, given), given)
})

for (const [name, values] of Object.entries({
  transports: [[], ['websocket'], 'iframe'],
  withCredentials: ['yes'],
  firstFrameTimeout: [0, 100_000, 1.5],
  upgrade: [1],
  share: ['', 1],
  cursor: ['', 'a b', 'x'.repeat(129)],
  params: [{}],
  headers: [{}],
  debug: ['debug'],
  unknown: [1]
})) {
  t.test(`a wrong value of ${name} is refused by name`, async (t) => {
    for (const value of values) {
      t.throws(() => createSettings(env, URL, { [name]: value }), { code: 'COMET_ERR_INVALID', message: name })
    }
  })
}

t.test('a URL is absolute outside a browser, and has no query', async (t) => {
  t.throws(() => createSettings(env, '/comet'), { code: 'COMET_ERR_INVALID', message: /^url must be absolute/ })
  t.throws(() => createSettings(env, `${URL}?a=1`), {
    code: 'COMET_ERR_INVALID', message: /^url must be a path without query/
  })
  t.match(createSettings(nodeEnv({ location: {} as Location }), '/comet'), { url: '/comet' })
})
