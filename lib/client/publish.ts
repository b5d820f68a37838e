// Publishing from the page: one POST, the message's id in return.

import { askCredentials } from './credentials.ts'
import type { Env } from './env.ts'
import { cometError } from './errors.ts'
import { send } from './http.ts'
import type { Settings } from './options.ts'
import { parse, refusedBy } from './transports/transport.ts'
import { addAll } from './url.ts'

type Settle<T> = (value: T) => void

/** Sends the message. Where the browser has no promises, what is returned has `then` alone, for one callback of each kind. */
export function publish (env: Env, settings: Settings, channel: string, data: unknown, key?: string): Promise<string> {
  const body = JSON.stringify({ channel, data, key })
  return promise(env, function (resolve, reject) {
    askCredentials(settings, function (credentials) {
      const query: string[] = []
      addAll(credentials.params, function (name, value) { query.push(encodeURIComponent(name) + '=' + encodeURIComponent(String(value))) })
      const headers = credentials.headers
      headers['Content-Type'] = 'application/json'
      const url = settings.url + '/publish' + (query.length ? '?' + query.join('&') : '')
      send(env, { method: 'POST', url, headers, body, withCredentials: settings.withCredentials }, function (answer) {
        const id = answer.status === 201 && (parse(answer.text) as { id?: string } | undefined)?.id
        if (id) resolve(id)
        else reject(answer.status === 201 ? cometError('COMET_ERR_STATUS', 'the answer has no id', 201) : refusedBy(env, answer).error)
      })
    }, reject)
  })
}

function promise<T> (env: Env, start: (resolve: Settle<T>, reject: Settle<unknown>) => void): Promise<T> {
  if (env.Promise) return new env.Promise<T>(start)
  let settled: ((onValue?: Settle<T>, onError?: Settle<unknown>) => void) | null = null
  const waiting: [Settle<T> | undefined, Settle<unknown> | undefined][] = []
  const settle = function (with_: NonNullable<typeof settled>) {
    settled = settled || with_
    waiting.splice(0).forEach(function (pair) { with_(pair[0], pair[1]) })
  }
  start(
    function (value) { settle(function (onValue) { if (onValue) onValue(value) }) },
    function (error) { settle(function (_onValue, onError) { if (onError) onError(error) }) }
  )
  const thenable = {
    then: function (onValue?: Settle<T>, onError?: Settle<unknown>) {
      if (settled) settled(onValue, onError)
      else waiting.push([onValue, onError])
      return thenable
    }
  }
  return thenable as unknown as Promise<T>
}
