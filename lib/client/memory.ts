// Which transport worked, kept for the next page of the same tab. A browser may forbid it: then nothing is remembered.

import type { TransportName } from '../protocol.ts'
import { attempt } from './env.ts'
import type { Settings } from './options.ts'

/** ms */
const LIFETIME = 30 * 60_000
const KEY = 'fastify-comet '

/** The transport that worked for this server within the last 30 minutes. */
export function recall ({ env, url }: Settings): TransportName | undefined {
  const kept = attempt(() => JSON.parse((env.sessionStorage as Storage).getItem(KEY + url) as string) as { name: TransportName, at: number } | null)
  return kept && Math.abs(env.Date.now() - kept.at) < LIFETIME ? kept.name : undefined
}

export function remember ({ env, url }: Settings, name: TransportName): void {
  attempt(() => { (env.sessionStorage as Storage).setItem(KEY + url, JSON.stringify({ name, at: env.Date.now() })) })
}
