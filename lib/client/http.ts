// One HTTP request with a short answer, over whatever the browser has for that.

import type { Env } from './env.ts'

export interface HttpRequest {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: string
  withCredentials: boolean
}

export interface HttpAnswer {
  /** 0: no answer */
  status: number
  text: string
  /** The header `Retry-After`, or null. */
  retryAfter: string | null
}

/** Sends it and calls `done` once, unless the abort that is returned is called first. */
export function send (env: Env, request: HttpRequest, done: (answer: HttpAnswer) => void): () => void {
  return env.XMLHttpRequest ? sendByXhr(new env.XMLHttpRequest(), request, done) : sendByFetch(env, request, done)
}

/** ms that a `Retry-After` header (seconds, or a date) asks for. */
export function retryAfterMs (header: string | null, now: number): number | undefined {
  if (!header) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return ms >= 0 ? ms : undefined
}

const NO_ANSWER: HttpAnswer = { status: 0, text: '', retryAfter: null }

function sendByXhr (xhr: XMLHttpRequest, request: HttpRequest, done: (answer: HttpAnswer) => void): () => void {
  xhr.open(request.method, request.url, true)
  xhr.withCredentials = request.withCredentials
  Object.keys(request.headers).forEach(function (name) { xhr.setRequestHeader(name, request.headers[name] as string) })
  xhr.onreadystatechange = function () {
    if (xhr.readyState !== 4) return
    xhr.onreadystatechange = null
    done(xhr.status === 0 ? NO_ANSWER : { status: xhr.status, text: xhr.responseText, retryAfter: xhr.getResponseHeader('Retry-After') })
  }
  xhr.send(request.body)
  return function () {
    xhr.onreadystatechange = null
    xhr.abort()
  }
}

function sendByFetch (env: Env, request: HttpRequest, done: (answer: HttpAnswer) => void): () => void {
  const controller = env.AbortController && new env.AbortController()
  let open = true
  const finish = function (answer: HttpAnswer) {
    if (!open) return
    open = false
    done(answer)
  }
  ;(env.fetch as typeof fetch)(request.url, fetchInit(request, controller)).then(function (response) {
    return response.text().then(function (text) {
      finish({ status: response.status, text, retryAfter: response.headers.get('retry-after') })
    })
  }).catch(function () { finish(NO_ANSWER) })
  return function () {
    open = false
    controller?.abort()
  }
}

/** The same request for `fetch`. */
export function fetchInit (request: HttpRequest, controller: AbortController | undefined): RequestInit {
  return {
    method: request.method,
    headers: request.headers,
    body: request.body ?? null,
    credentials: request.withCredentials ? 'include' : 'same-origin',
    cache: 'no-store',
    signal: controller?.signal ?? null
  }
}
