// One request and its answer, over `XMLHttpRequest` or, if there is none (Node, Deno, Bun, service workers), over
// `fetch`.

import type { Settings } from '../options.ts'

/** A request that is ready to be sent. */
export interface Prepared {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Record<string, string>
}

/**
 * The answer to a request: an `XMLHttpRequest`, or an object with the same members. Its status is 0 if there is no
 * answer.
 */
export interface Answer {
  readonly status: number
  readonly responseText: string
  getResponseHeader (name: string): string | null
  /** Why there is no answer, if that is known. */
  readonly reason?: unknown
}

type Done = (answer: Answer) => void
type Abort = () => void

/**
 * Sends a request. Calls `done` with the answer, with status 0 if there is none, also after an abort. Returns a
 * function that aborts the request. Throws what the browser throws.
 */
export function send (settings: Settings, prepared: Prepared, body: string | null, done: Done): Abort {
  const { env } = settings
  if (env.XMLHttpRequest) return sendByXhr(settings, prepared, body, done)
  if (env.fetch) return sendByFetch(settings, prepared, body, done)
  done(noAnswer('no XMLHttpRequest, no fetch'))
  return () => {}
}

/**
 * The options of `fetch` for a request, and a function that aborts it. Throws if a header cannot be sent: `fetch` would
 * reject then as it does without a network.
 */
export function initFor (
  settings: Settings, prepared: Prepared, body: string | null
): { init: RequestInit, abort: Abort } {
  const { Headers, AbortController } = settings.env
  const { method, headers } = prepared
  // The first browsers with `fetch` have no AbortController.
  const controller = AbortController && new AbortController()
  const init: RequestInit = {
    method,
    headers: Headers ? new Headers(headers) : headers,
    body,
    credentials: settings.withCredentials ? 'include' : 'same-origin',
    cache: 'no-store'
  }
  if (controller) init.signal = controller.signal
  return { init, abort: () => { if (controller) controller.abort() } }
}

/** The response of `fetch` with its text, as an `Answer`. */
export function answerOf ({ status, headers }: Response, responseText: string): Answer {
  return { status, responseText, getResponseHeader: (name) => headers.get(name) }
}

/** Whether the server has another origin than this page. */
export function isForeign ({ env, url }: Settings): boolean {
  const { location, URL } = env
  return !!location && !!URL && new URL(url, location.href).origin !== location.origin
}

/** A URL without its query, which has secrets. */
export function pathOf (url: string): string {
  return url.replace(/\?.*/, '')
}

function sendByXhr (settings: Settings, { method, url, headers }: Prepared, body: string | null, done: Done): Abort {
  const { env, withCredentials } = settings
  const xhr = new (env.XMLHttpRequest as typeof XMLHttpRequest)()
  xhr.open(method, url)
  xhr.withCredentials = !!withCredentials
  for (const name in headers) xhr.setRequestHeader(name, headers[name] as string)
  xhr.onreadystatechange = () => { if (xhr.readyState === 4) done(xhr) }
  xhr.send(body)
  return () => { xhr.abort() }
}

function sendByFetch (settings: Settings, prepared: Prepared, body: string | null, done: Done): Abort {
  const { init, abort } = initFor(settings, prepared, body)
  ;(settings.env.fetch as typeof fetch)(prepared.url, init)
    .then((response) => response.text().then((text) => answerOf(response, text)))
    .then(done, (reason: unknown) => { done(noAnswer(reason)) })
  return abort
}

function noAnswer (reason: unknown): Answer {
  return { status: 0, responseText: '', getResponseHeader: () => null, reason }
}
