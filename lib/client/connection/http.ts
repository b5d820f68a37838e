// One request and its answer, over `XMLHttpRequest` or, where there is none (Node, Deno, Bun, service workers), over `fetch`.

import type { Settings } from '../options.ts'

/** A request as it will be sent. */
export interface Prepared {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Record<string, string>
}

/** What came back of a request: an `XMLHttpRequest`, or what can be asked the same. Its status is 0 where there is no answer. */
export interface Answer {
  readonly status: number
  readonly responseText: string
  getResponseHeader (name: string): string | null
  /** Why there is no answer, where that is known. */
  readonly reason?: unknown
}

/** Sends it and calls `done` with what comes back, also where that is nothing, because the abort that is returned was called. Throws what the browser throws. */
export function send (settings: Settings, prepared: Prepared, body: string | null, done: (answer: Answer) => void): () => void {
  const { env } = settings
  if (env.XMLHttpRequest) return sendByXhr(settings, prepared, body, done)
  if (env.fetch) return sendByFetch(settings, prepared, body, done)
  done(nothing('there is neither XMLHttpRequest nor fetch'))
  return () => {}
}

/** What `fetch` is given for a request, and its abort. Throws where a header cannot be sent: `fetch` would reject as it does without a network. */
export function initFor ({ env, withCredentials }: Settings, { method, headers }: Prepared, body: string | null = null): { init: RequestInit, abort: () => void } {
  const controller = env.AbortController && new env.AbortController()
  const init: RequestInit = { method, headers: env.Headers ? new env.Headers(headers) : headers, body, credentials: withCredentials ? 'include' : 'same-origin', cache: 'no-store' }
  if (controller) init.signal = controller.signal
  return { init, abort: () => { if (controller) controller.abort() } }
}

export function answerOf ({ status, headers }: Response, responseText: string): Answer {
  return { status, responseText, getResponseHeader: (name) => headers.get(name) }
}

/** Whether the server is of another origin than this page. */
export function isForeign ({ env, url }: Settings): boolean {
  const { location, URL } = env
  return !!location && !!URL && new URL(url, location.href).origin !== location.origin
}

/** A URL without its query, in which there are secrets. */
export function pathOf (url: string): string {
  return url.replace(/\?.*/, '')
}

function sendByXhr ({ env, withCredentials }: Settings, { method, url, headers }: Prepared, body: string | null, done: (answer: Answer) => void): () => void {
  const xhr = new (env.XMLHttpRequest as typeof XMLHttpRequest)()
  xhr.open(method, url)
  xhr.withCredentials = !!withCredentials
  for (const name in headers) xhr.setRequestHeader(name, headers[name] as string)
  xhr.onreadystatechange = () => { if (xhr.readyState === 4) done(xhr) }
  xhr.send(body)
  return () => { xhr.abort() }
}

function sendByFetch (settings: Settings, prepared: Prepared, body: string | null, done: (answer: Answer) => void): () => void {
  const { init, abort } = initFor(settings, prepared, body)
  ;(settings.env.fetch as typeof fetch)(prepared.url, init)
    .then((response) => response.text().then((text) => answerOf(response, text)))
    .then(done, (reason: unknown) => { done(nothing(reason)) })
  return abort
}

function nothing (reason: unknown): Answer {
  return { status: 0, responseText: '', getResponseHeader: () => null, reason }
}
