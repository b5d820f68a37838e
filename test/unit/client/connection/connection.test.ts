import t from 'tap'
import { openConnection } from '../../../../lib/client/connection/connection.ts'
import { ChannelSet } from '../../../../lib/client/delivery/channel-set.ts'
import { networkFailure } from '../../../../lib/client/connection/failure.ts'
import type { CometOptions } from '../../../../lib/client/options.ts'
import { memoryBrowser } from '../../../fixtures/client-in-memory.ts'

const OPEN = { type: 'open', cursor: 'e-9', resumed: false, heartbeat: 15_000, poll: 25_000 }
const message = (id: string) => ({ id, channel: 'a', data: null })

function open (options: CometOptions = {}, channels = ['a']) {
  const browser = memoryBrowser()
  const seen: string[] = []
  const channelSet = new ChannelSet({ channels, join: [], history: [], cursor: null }, () => true)
  const connection = openConnection(browser.settings(options), 'me', { id: 7, transport: 'long-poll' }, channelSet, {
    opened: ({ id, openedAt }) => { seen.push(`opened ${id} at ${openedAt}`) },
    frame: (_connection, frame) => { seen.push(`frame ${frame.type ?? frame.id}`) },
    ended: (_connection, { error, fatal }) => { seen.push(`ended ${error.code}${fatal ? ', fatal' : ''}`) }
  })
  return { ...browser, seen, connection }
}

t.test('is opened once, by its first request, and hands on what comes', async (t) => {
  const { seen, last } = open()
  last().answer(200, [OPEN, message('e-10')])
  last().answer(200, [message('e-11')])
  t.same(seen, ['opened 7 at 0', 'frame open', 'frame e-10', 'frame e-11'])
})

t.test('closed without a reason, it ends in silence and its request is aborted', async (t) => {
  const { seen, last, connection } = open()
  connection.close()
  t.ok(last().isAborted)
  last().answer(200, [OPEN])
  connection.close(networkFailure())
  t.same(seen, ['opened 7 at 0'])
})

t.test('closed with a reason, it says so once', async (t) => {
  const { seen, connection } = open()
  connection.close(networkFailure())
  connection.close(networkFailure())
  t.same(seen, ['opened 7 at 0', 'ended COMET_ERR_NETWORK'])
})

for (const [title, frame, end] of [
  [
    'an error frame',
    { type: 'error', statusCode: 403, code: 'COMET_ERR_FORBIDDEN', message: 'no' },
    'ended COMET_ERR_FORBIDDEN, fatal'
  ],
  ['a close frame', { type: 'close', reason: 'rotate', retry: 5 }, 'ended COMET_ERR_CLOSED'],
  ['a close frame without a time', { type: 'close', reason: 'disconnected' }, 'ended COMET_ERR_CLOSED, fatal']
] as const) {
  t.test(`${title} ends it, and nothing that follows is handed on`, async (t) => {
    const { seen, last } = open()
    last().answer(200, [OPEN, frame, message('e-10')])
    t.same(seen, ['opened 7 at 0', 'frame open', end])
  })
}

t.test('what the browser throws ends it', async (t) => {
  const { seen } = open({ headers: () => ({ a: Symbol('x') as never }) })
  t.same(seen, ['ended COMET_ERR_CREDENTIALS'])
})

t.test('closed while the application is asked for its credentials, it sends nothing', async (t) => {
  const { seen, requests, connection } = open({ params: async () => ({}) })
  connection.close()
  await new Promise(setImmediate)
  t.same([seen, requests], [[], []])
})

t.test('without channels there is nothing to ask for', async (t) => {
  const { seen, requests, connection } = open({}, [])
  connection.close()
  t.same([seen, requests], [[], []])
})
