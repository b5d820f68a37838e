// What stands between the application's subscribers and the server: a session of one's own, or one shared between tabs.

import type { MessageFrame } from '../protocol.ts'
import { delay, FIRST_CEILING } from './backoff.ts'
import { askCredentials } from './credentials.ts'
import type { Env } from './env.ts'
import { send } from './http.ts'
import type { Settings } from './options.ts'
import { createReplay, type Fetch, type Replay } from './replay.ts'
import { createSecret } from './secret.ts'
import { createSession, type Session, type SessionSink } from './session.ts'
import { framesOf } from './transports/long-poll.ts'
import { broken } from './transports/transport.ts'
import { buildUrl } from './url.ts'

export interface Link extends Session {
  /** Fetches the history for one who comes to a channel that is already carried. */
  replay (channel: string, history: number, deliver: (message: MessageFrame) => void): Replay
}

/** A connection of this page alone. */
export function createOwnLink (env: Env, settings: Settings, sink: SessionSink): Link {
  const session = createSession(env, settings, sink)
  return {
    want: session.want,
    unwant: session.unwant,
    state: session.state,
    transport: session.transport,
    cursor: session.cursor,
    close: session.close,
    replay: function (channel, history, deliver) {
      return createReplay(pollsOf(env, settings, channel, history), deliver, function (task) {
        env.setTimeout(task, delay(0, FIRST_CEILING, env.random))
      })
    }
  }
}

// Under a name of its own: a newer poll of a client ends its older one.
function pollsOf (env: Env, settings: Settings, channel: string, history: number): Fetch {
  const client = createSecret(env)
  return function (cursor, done) {
    let isOpen = true
    let abort = function () {}
    askCredentials(settings, function (credentials) {
      if (!isOpen) return
      const ask = { channels: [channel], join: [], history: cursor === null ? [history] : [], cursor }
      const url = buildUrl(settings.url, 'long-poll', ask, credentials.params, { client })
      abort = send(env, { method: 'GET', url, headers: credentials.headers, withCredentials: settings.withCredentials }, function (answer) {
        done(framesOf(env, answer))
      })
    }, function () { if (isOpen) done(broken()) })
    return function () {
      isOpen = false
      abort()
    }
  }
}
