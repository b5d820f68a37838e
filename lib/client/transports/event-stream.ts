import { createSseParser } from '../sse-parser.ts'
import { fetchInit } from '../http.ts'
import { broken, parseFrame, refusedBy, type Prepared, type Transport } from './transport.ts'

/** Server-sent events read with `fetch`: they may have request headers, and tell the status. */
export const eventStream: Transport = function (env, request, handlers) {
  const controller = new (env.AbortController as typeof AbortController)()
  let open = true
  const push = createSseParser(function (event) {
    const frame = open && parseFrame(event.data)
    if (frame) handlers.frame(frame)
  })
  request.prepare('stream', request.cursor, start)
  return close

  function start (prepared: Prepared) {
    if (!open) return
    prepared.headers['Accept'] = 'text/event-stream'
    const init = fetchInit({ method: 'GET', url: prepared.url, headers: prepared.headers, withCredentials: request.withCredentials }, controller)
    ;(env.fetch as typeof fetch)(prepared.url, init).then(read).catch(function () { end(broken()) })
  }

  function read (response: Response): Promise<void> | undefined {
    if (response.status !== 200 || !response.body) {
      return response.text().then(function (text) {
        end(refusedBy(env, { status: response.status, text, retryAfter: response.headers.get('retry-after') }))
      })
    }
    const reader = response.body.getReader()
    const decoder = new (env.TextDecoder as typeof TextDecoder)()
    const next = function (): Promise<void> {
      return reader.read().then(function (result) {
        if (result.done) return end(broken())
        push(decoder.decode(result.value, { stream: true }))
        return next()
      })
    }
    return next()
  }

  function end (cause: ReturnType<typeof broken>) {
    if (!open) return
    close()
    handlers.end(cause)
  }

  function close () {
    open = false
    controller.abort()
  }
}
