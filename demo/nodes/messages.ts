// What the demo and the processes of its nodes say to each other.
import type { CometStats } from 'fastify-comet'
import type { EngineName } from './command-line.ts'

/** How a node is to be. It is in the environment of its process, as JSON. */
export interface NodeSettings {
  name: string
  engine: EngineName
  url: string
  /** of the pages that may listen */
  origins: readonly string[]
}

/** The environment variable that holds the settings. */
export const SETTINGS = 'COMET_DEMO_NODE'

/** One message to publish. The same key publishes once, also on another node. */
export interface Order {
  number: number
  channel: string
  data: unknown
  key: string
}

/** What a node tells. */
export type Report =
  | { type: 'listening', port: number }
  | { type: 'published', number: number }
  | { type: 'refused', number: number, reason: string }
  | { type: 'stats', stats: CometStats }
