// The messages between the demo and the processes of its nodes.
import type { CometStats } from 'fastify-comet'
import type { BrokerName } from './command-line.ts'

/** The settings of a node, passed as JSON in the environment of its process. */
export interface NodeSettings {
  name: string
  broker: BrokerName
  url: string
  /** of the pages that may subscribe */
  origins: readonly string[]
}

/** The environment variable that contains the settings. */
export const SETTINGS = 'COMET_DEMO_NODE'

/** A request to publish one message. A key is published only once, also by another node. */
export interface PublishRequest {
  number: number
  channel: string
  data: unknown
  key: string
}

/** The messages from a node to the demo. */
export type NodeReport =
  | { type: 'listening', port: number }
  | { type: 'published', number: number }
  | { type: 'refused', number: number, reason: string }
  | { type: 'stats', stats: CometStats }
