import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream'
import t from 'tap'
import { openStream, readState } from '../../../../lib/log/nats/stream.ts'

const OPTIONS = { stream: 'comet', maxMessages: 7, maxAge: 1000, replicas: 1 }

interface Held { messages?: number, first_seq?: number, last_seq?: number }

function info (subject: string, { messages = 0, first_seq: first = 1, last_seq: last = 0 }: Held = {}): StreamInfo {
  return {
    config: { name: 'comet', subjects: [subject] }, state: { messages, first_seq: first, last_seq: last }
  } as unknown as StreamInfo
}

function apiError (code: number): JetStreamApiError {
  return new JetStreamApiError({ code: 400, err_code: code, description: 'no' })
}

/** A manager whose streams answer, one call after the other, with these; errors reject. */
function manager (...answers: (StreamInfo | Error)[]): { manager: JetStreamManager, calls: [string, unknown][] } {
  const calls: [string, unknown][] = []
  const answer = (name: string) => async (given: unknown, more?: unknown): Promise<StreamInfo> => {
    calls.push([name, more ?? given])
    const next = answers.shift()
    if (next === undefined || next instanceof Error) throw next ?? new Error('no more answers')
    return next
  }
  const streams = { info: answer('info'), add: answer('add'), update: answer('update') }
  return { manager: { streams } as unknown as JetStreamManager, calls }
}

t.test('readState: the subject names the epoch and its start', async (t) => {
  t.match(readState(info('comet.one.5', { messages: 3, first_seq: 4, last_seq: 6 })), {
    epoch: 'one', start: 5, previous: undefined, previousEnd: 5, trimmedTo: 3, end: 6, length: 3, subject: 'comet.one.5'
  })
})

t.test('readState: an empty stream is trimmed up to its end', async (t) => {
  t.match(
    readState(info('comet.one.0', { messages: 0, first_seq: 10, last_seq: 9 })), { trimmedTo: 9, end: 9, length: 0 }
  )
})

t.test('readState: the time is the server’s, or this machine’s where the server says none', async (t) => {
  t.equal(readState({ ...info('comet.one.0'), ts: '2026-01-02T03:04:05Z' }).time, Date.UTC(2026, 0, 2, 3, 4, 5))
  t.ok(Math.abs(readState(info('comet.one.0')).time - Date.now()) < 1000)
})

t.test('readState: a stream with another subject is refused', async (t) => {
  for (const subject of ['comet.orders', 'comet.a-b.0', 'comet.one.x']) {
    t.throws(() => readState(info(subject)), { message: /none of a natsLog/ })
  }
})

t.test('openStream: an existing stream is left as it is', async (t) => {
  const { manager: streams, calls } = manager(info('comet.one.0'))
  t.match(await openStream(streams, OPTIONS, undefined), { epoch: 'one' })
  t.same(calls, [['info', 'comet']])
})

t.test('openStream: a missing stream is made, with the options and an epoch', async (t) => {
  const { manager: streams, calls } = manager(apiError(JetStreamApiCodes.StreamNotFound), info('comet.one.0'))
  await openStream(streams, OPTIONS, undefined)
  t.match(calls[1], [
    'add', { name: 'comet', subjects: [/^comet\.\w{12}\.0$/], max_msgs: 7, max_age: 1e9, duplicate_window: 3e11 }
  ])
})

t.test('openStream: a stream that another node has just made is taken', async (t) => {
  const { manager: streams } = manager(apiError(JetStreamApiCodes.StreamNotFound), apiError(10058), info('comet.one.0'))
  t.match(await openStream(streams, OPTIONS, undefined), { epoch: 'one' })
})

t.test('openStream: a stream that holds less than the node knows begins another epoch at its end', async (t) => {
  const { manager: streams, calls } = manager(
    info('comet.one.0', { last_seq: 4 }), info('comet.two.4', { last_seq: 4 })
  )
  t.match(await openStream(streams, OPTIONS, { epoch: 'one', position: 5 }), { epoch: 'two', start: 4 })
  t.match(calls[1], ['update', { subjects: [/^comet\.\w{12}\.4$/] }])
})

t.test('openStream: a position of another epoch says nothing about this one', async (t) => {
  const { manager: streams, calls } = manager(info('comet.one.0', { last_seq: 4 }))
  await openStream(streams, OPTIONS, { epoch: 'zero', position: 5 })
  t.equal(calls.length, 1)
})

t.test('openStream: any other error rejects', async (t) => {
  await t.rejects(openStream(manager(apiError(1)).manager, OPTIONS, undefined), JetStreamApiError)
  const { manager: streams } = manager(apiError(JetStreamApiCodes.StreamNotFound), new Error('offline'))
  await t.rejects(openStream(streams, OPTIONS, undefined), { message: 'offline' })
})
