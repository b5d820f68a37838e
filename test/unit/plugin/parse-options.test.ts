import t from 'tap'
import type { CometOptions } from '../../../lib/plugin/options.ts'
import { memoryLog } from '../../../lib/log/memory.ts'
import { parseOptions } from '../../../lib/plugin/parse-options.ts'

function parse (given: object): ReturnType<typeof parseOptions> {
  return parseOptions(given as CometOptions, true)
}

t.test('without options there are the defaults', async (t) => {
  const { historySize, historyAge, slowConsumer, retain, authorize, ...rest } = parse({})
  t.same(rest, {
    prefix: '/comet',
    channelBytes: 8 * 1024 * 1024,
    historyBytes: 64 * 1024 * 1024,
    heartbeatInterval: 15_000,
    pollTimeout: 25_000,
    maxConnectionAge: 600_000,
    maxConnections: 0,
    maxConnectionsPerAddress: 0,
    maxChannels: 128,
    maxMessageBytes: 65_536,
    maxBufferedBytes: 65_536,
    authorizeInterval: 0,
    onSubscribe: undefined,
    onUnsubscribe: undefined,
    presenceGrace: 10_000,
    compress: false,
    publishRoute: false,
    serveClient: true,
    origins: [],
    routeOptions: {},
    name: 'comet',
    tick: 1000,
    requestLogging: true
  })
  t.same([historySize('a'), historyAge('a'), slowConsumer('a'), retain('a')], [1000, 300_000, 'resume', false])
  const question = { channels: ['a'], history: 0 }
  t.equal(authorize({} as never, { action: 'subscribe', ...question }), true)
  t.equal(authorize({} as never, { action: 'publish', ...question }), false)
})

t.test('an option that is undefined is its default', async (t) => {
  t.equal(parse({ prefix: undefined, pollTimeout: undefined }).prefix, '/comet')
})

t.test('an unknown option is refused, and the known ones are named', async (t) => {
  t.throws(() => parse({ historySiz: 1 }), {
    code: 'COMET_ERR_OPTION_UNKNOWN',
    message: /^comet: unknown option "historySiz", the options are prefix, historySize, /
  })
  t.throws(() => parse({ toString: 1 }), { code: 'COMET_ERR_OPTION_UNKNOWN' })
  t.throws(() => parse({ historySiz: undefined }), { code: 'COMET_ERR_OPTION_UNKNOWN' })
})

const noop = (): void => {}
const MAX_TIMEOUT = 2_147_483_647

const good: [name: keyof CometOptions, values: unknown[]][] = [
  ['prefix', ['/comet', '/a/b', '/a.b-c_d']],
  ['historySize', [0, 1, 1_000_000, () => 1]],
  ['historyAge', [1, MAX_TIMEOUT, () => 1]],
  ['channelBytes', [0, Number.MAX_SAFE_INTEGER]],
  ['historyBytes', [0, 1e12]],
  ['retain', [() => true]],
  ['heartbeatInterval', [1, MAX_TIMEOUT]],
  ['pollTimeout', [1, MAX_TIMEOUT]],
  ['maxConnectionAge', [0, MAX_TIMEOUT]],
  ['maxConnections', [0, 1, 1e6]],
  ['maxConnectionsPerAddress', [0, 1]],
  ['maxChannels', [1, 128]],
  ['maxMessageBytes', [1, 1e9]],
  ['maxBufferedBytes', [1, 1e9]],
  ['authorize', [() => true, async () => true]],
  ['authorizeInterval', [0, MAX_TIMEOUT]],
  ['onSubscribe', [noop]],
  ['onUnsubscribe', [noop]],
  ['presenceGrace', [0, MAX_TIMEOUT]],
  ['slowConsumer', ['resume', 'latest', 'disconnect', () => 'resume']],
  ['compress', [true, false]],
  ['publishRoute', [true, false]],
  ['serveClient', [true, false]],
  ['origins', [[], ['https://example.com', 'http://localhost:3000']]],
  ['routeOptions', [{}, { onRequest: noop, config: {}, logLevel: 'warn', constraints: {} }]],
  ['name', ['comet', '_a1', '$']],
  ['log', [memoryLog()]]
]

for (const [name, values] of good) {
  t.test(`${name} takes what is right`, async (t) => {
    for (const value of values) {
      const option: unknown = parse({ [name]: value })[name]
      t.same(typeof option === 'function' && typeof value !== 'function'
        ? option('a')
        : typeof option, typeof option === 'function' && typeof value !== 'function' ? value : typeof value)
    }
  })
}

const notTimes = [-1, 1.5, MAX_TIMEOUT + 1, NaN, Infinity, '10', null, true, {}, 10n]
const notCounts = [-1, 1.5, NaN, Infinity, Number.MAX_SAFE_INTEGER + 1, '10', null, true, [], noop]

const bad: [name: keyof CometOptions, rule: string, values: unknown[]][] = [
  ['prefix', 'a path such as "/comet", without a trailing slash', [
    '', '/', 'comet', '/comet/', '//a', '/a?b', '/a#b', '/a b', 7, null, noop
  ]],
  ['historySize', 'an integer from 0 to 1000000 or a function', [-1, 1.5, 1_000_001, NaN, '10', null, {}]],
  ['historyAge', `an integer from 1 to ${MAX_TIMEOUT} or a function`, [0, ...notTimes]],
  ['channelBytes', 'an integer from 0', notCounts],
  ['historyBytes', 'an integer from 0', notCounts],
  ['retain', 'a function', [true, null, 'a', {}]],
  ['heartbeatInterval', `an integer from 1 to ${MAX_TIMEOUT}`, [0, noop, ...notTimes]],
  ['pollTimeout', `an integer from 1 to ${MAX_TIMEOUT}`, [0, noop, ...notTimes]],
  ['maxConnectionAge', `an integer from 0 to ${MAX_TIMEOUT}`, notTimes],
  ['maxConnections', 'an integer from 0', notCounts],
  ['maxConnectionsPerAddress', 'an integer from 0', notCounts],
  ['maxChannels', 'an integer from 1', [0, ...notCounts]],
  ['maxMessageBytes', 'an integer from 1', [0, ...notCounts]],
  ['maxBufferedBytes', 'an integer from 1', [0, ...notCounts]],
  ['authorize', 'a function', [true, null, 'a', {}]],
  ['authorizeInterval', `an integer from 0 to ${MAX_TIMEOUT}`, notTimes],
  ['onSubscribe', 'a function', [true, null, 'a', {}]],
  ['onUnsubscribe', 'a function', [true, null, 'a', {}]],
  ['presenceGrace', `an integer from 0 to ${MAX_TIMEOUT}`, notTimes],
  ['slowConsumer', '"resume", "latest", "disconnect" or a function', ['', 'drop', true, null, 7]],
  ['compress', 'true or false', ['gzip', 1, null]],
  ['publishRoute', 'true or false', ['yes', 1, null, {}]],
  ['serveClient', 'true or false', ['yes', 0, null, {}]],
  ['origins', 'an array of origins such as "https://example.com"', [

    'https://example.com',
    ['example.com'],
    ['https://example.com/'],
    ['*'],
    ['null'],
    ['HTTPS://EXAMPLE.COM'],
    ['https://example.com:443'],
    [7],
    null,
    {}

  ]],
  ['routeOptions', 'an object with no other keys than onRequest, preParsing, ', [
    null, 7, noop, [], [1], { url: '/x' }, { handler: noop }
  ]],
  ['name', 'an identifier such as "comet"', ['', 'a-b', '1a', 'a b', 7, null]],
  ['log', 'a MessageLog such as redisLog(…)', [
    null, 'redis', noop, {}, { start: noop }, { start: noop, append: noop, close: noop }
  ]]
]

for (const [name, rule, values] of bad) {
  t.test(`${name} refuses what is wrong, and says what is right`, async (t) => {
    for (const value of values) {
      t.throws(() => parse({ [name]: value }), { code: 'COMET_ERR_OPTION' })
      t.throws(() => parse({ [name]: value }), new RegExp(
        `^comet: option "${name}" must be ${rule.replace(/[/()]/g, '\\$&')}.*, got .+$`
      ))
    }
  })
}

t.test('of several values the wrong one is shown', async (t) => {
  t.throws(() => parse({ origins: ['https://a.example', 'http://a/', 7] }), { message: /, got "http:\/\/a\/"$/ })
  t.throws(() => parse({ routeOptions: { logLevel: 'warn', url: '/x' } }), { message: /, got "url"$/ })
})

t.test('a wrong option is a TypeError', async (t) => {
  try {
    parse({ name: '' })
    t.fail('taken')
  } catch (error) {
    t.ok(error instanceof TypeError)
  }
})

t.test('every option is tested here', async (t) => {
  const names = Object.keys(parse({})).filter((name) => !['tick', 'requestLogging'].includes(name)).sort()
  t.same(good.map(([name]) => name).sort(), names)
  t.same(bad.map(([name]) => name).sort(), names)
})

t.test('a function answers for each channel', async (t) => {
  const options = parse({
    historySize: (channel: string) => channel.length,
    historyAge: (channel: string) => 100 * channel.length,
    slowConsumer: (channel: string) => channel === 'a' ? 'latest' : 'disconnect'
  })
  t.same(
    [options.historySize('aa'), options.historyAge('aa'), options.slowConsumer('a'), options.slowConsumer('b')],
    [2, 200, 'latest', 'disconnect']
  )
})

for (const name of ['historySize', 'historyAge', 'slowConsumer'] as const) {
  t.test(`a wrong answer of ${name} is refused when it is given`, async (t) => {
    for (const answer of [-1, undefined, 'x', () => 1]) {
      const options = parse({ [name]: () => answer })
      t.throws(() => options[name]('chat'), {
        code: 'COMET_ERR_OPTION', message: new RegExp(`^comet: option "${name}\\("chat"\\)" must be `)
      })
    }
  })
}

t.test('what falls due is looked for ten times in the shortest time, but not all the time', async (t) => {
  t.equal(parse({ heartbeatInterval: 100 }).tick, 10)
  t.equal(parse({ pollTimeout: 200 }).tick, 20)
  t.equal(parse({ historyAge: 300 }).tick, 30)
  t.equal(parse({ historyAge: () => 300 }).tick, 1000)
  t.equal(parse({ authorizeInterval: 400 }).tick, 40)
  t.equal(parse({ presenceGrace: 500 }).tick, 50)
  t.equal(parse({ maxConnectionAge: 600 }).tick, 60)
  t.equal(parse({ maxConnectionAge: 0 }).tick, 1000)
  t.equal(parse({ heartbeatInterval: 1 }).tick, 5)
})
