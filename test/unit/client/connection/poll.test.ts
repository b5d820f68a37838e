import t from 'tap'
import { poll } from '../../../../lib/client/connection/poll.ts'
import { memoryBrowser } from '../../../fixtures/client-in-memory.ts'

const OPEN = { type: 'open', cursor: 'e-1', resumed: false, heartbeat: 15_000, poll: 25_000 }
const MESSAGE = { id: 'e-2', channel: 'a', data: 1 }

function send (opens: boolean) {
  const browser = memoryBrowser()
  const outcomes: unknown[] = []
  const add = (outcome: unknown): void => { outcomes.push(outcome) }
  const abort = poll(
    browser.settings(), { method: 'GET', url: '/comet/long-poll?channel=a', headers: {} }, opens, add, add
  )
  return { outcomes, abort, request: browser.last() }
}

t.test('brings the frames of the answer, without what is no frame', async (t) => {
  const { outcomes, request } = send(false)
  request.answer(200, [{ no: 'frame' }, MESSAGE, 1, null])
  t.same(outcomes, [[MESSAGE]])
})

for (const first of [
  OPEN, { type: 'close', reason: 'busy', retry: 1 }, { type: 'error', statusCode: 403, code: 'X', message: 'no' }
]) {
  t.test(`where the answer opens, it may begin with ${first.type}`, async (t) => {
    const { outcomes, request } = send(true)
    request.answer(200, [first, MESSAGE])
    t.same(outcomes, [[first, MESSAGE]])
  })
}

t.test('fails where the answer should open and does not', async (t) => {
  const { outcomes, request } = send(true)
  request.answer(200, [MESSAGE, OPEN])
  t.match(outcomes, [{ error: { code: 'COMET_ERR_RESPONSE' }, fromServer: false }])
})

for (const [body, code] of [
  ['', 'COMET_ERR_RESPONSE'], ['[]', 'COMET_ERR_RESPONSE'], ['{}', 'COMET_ERR_RESPONSE'], ['<p>', 'COMET_ERR_RESPONSE']
] as const) {
  t.test(`fails where the answer is ${body || 'empty'}`, async (t) => {
    const { outcomes, request } = send(false)
    request.answer(200, body)
    t.match(outcomes, [{ error: { code } }])
  })
}

t.test('fails with the status, whatever the answer holds', async (t) => {
  const { outcomes, request } = send(false)
  request.answer(503, [MESSAGE])
  t.match(outcomes, [{ error: { statusCode: 503 }, fromServer: true, fatal: false }])
})

t.test('can be aborted', async (t) => {
  const { abort, request } = send(false)
  abort()
  t.ok(request.isAborted)
})
