import { CONTROL_EVENT } from '../../../protocol/wire.ts'
import { networkFailure, failureFromResponse, noResponseFailure } from '../failure.ts'
import { answerOf, initFor } from '../http.ts'
import { createSseParser } from '../sse-parser.ts'
import { receive } from '../frames.ts'
import type { ClientTransport } from './transport.ts'

type Reader = ReadableStreamDefaultReader<Uint8Array>

/** Server-sent events, read with `fetch`: with the application's headers, and with the status if the server refuses. */
export const fetchStream: ClientTransport = ({ settings, channelSet, request, frame, end }) => {
  const { env } = settings
  const push = createSseParser(({ type, data }) => {
    if (type === 'message' || type === CONTROL_EVENT) receive(data, frame)
  })
  request(channelSet.request, (prepared) => {
    const { init, abort } = initFor(settings, prepared, null)
    // The parser removes the byte order mark.
    const decoder = new (env.TextDecoder as typeof TextDecoder)('utf-8', { ignoreBOM: true })
    const read = (reader: Reader): Promise<void> => reader.read().then(({ done, value }) => {
      if (done) return end(networkFailure())
      push(decoder.decode(value, { stream: true }))
      return read(reader)
    })
    ;(env.fetch as typeof fetch)(prepared.url, init).then((response) => {
      const { status, body } = response
      if (status === 200 && body && isEventStream(response)) {
        return read(body.getReader()).catch(() => { end(networkFailure()) })
      }
      return response.text().then((text) => { end(failureFromResponse(settings, prepared, answerOf(response, text))) })
    }).catch((reason: unknown) => { end(noResponseFailure(settings, prepared, reason)) })
    return abort
  })
}

function isEventStream ({ headers }: Response): boolean {
  return /^text\/event-stream\b/i.test(headers.get('Content-Type') || '')
}
