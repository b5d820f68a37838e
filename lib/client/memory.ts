// Which transport worked, kept for the next page of the same tab. A browser may forbid it: then nothing is remembered.

import type { TransportName } from '../protocol.ts'
import type { Env } from './env.ts'
import { parse } from './transports/transport.ts'

/** ms */
const LIFETIME = 30 * 60_000

export interface Memory {
  recall (): TransportName | null
  remember (transport: TransportName): void
}

export function createMemory (env: Env, url: string): Memory {
  const key = 'fastify-comet ' + url
  return {
    recall: function () {
      const kept = parse(attempt(function () { return env.sessionStorage()?.getItem(key) })) as { transport?: TransportName, at?: number } | undefined
      const age = env.now() - Number(kept?.at)
      return kept?.transport && age >= 0 && age < LIFETIME ? kept.transport : null
    },
    remember: function (transport) {
      attempt(function () { env.sessionStorage()?.setItem(key, JSON.stringify({ transport, at: env.now() })) })
    }
  }
}

/** What it returns, or undefined where it throws: storages do so in private windows, and where they are full. */
export function attempt<T> (read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    return undefined
  }
}
