// What the application adds to each request: asked anew each time, so that a ticket is always fresh.

import type { Settings } from './options.ts'

export interface Credentials {
  params: object
  headers: Record<string, string>
}

/** Asks for both and calls `done`, at once where neither is a promise; or `failed`, with what was thrown. */
export function askCredentials (settings: Settings, done: (credentials: Credentials) => void, failed: (error: unknown) => void): void {
  ask(settings.params, function (params) {
    ask(settings.headers, function (headers) {
      done({ params, headers: copy(headers) })
    })
  })

  function ask<T extends object> (source: (() => T | PromiseLike<T>) | null, next: (value: T | Record<string, never>) => void) {
    if (!source) return next({})
    let value: T | PromiseLike<T>
    try {
      value = source()
    } catch (error) {
      return failed(error)
    }
    if (isThenable(value)) value.then(next, failed)
    else next(value)
  }

  function isThenable<T> (value: T | PromiseLike<T>): value is PromiseLike<T> {
    return !!value && typeof (value as PromiseLike<T>).then === 'function'
  }
}

function copy (from: Record<string, string>): Record<string, string> {
  const to: Record<string, string> = {}
  Object.keys(from || {}).forEach(function (name) { to[name] = from[name] as string })
  return to
}
