import { type Abilities, type Contract, type LogEngine, withNodes } from './harness.ts'
import { outageContract } from './outage.ts'
import { sharedContract } from './shared.ts'
import { nodeContract } from './single-node.ts'

export type { LogEngine, LogNode } from './harness.ts'

/** What `logContract` needs to know of a log. */
export interface LogContractOptions {
  /** Registers a test: that of tap, of `node:test`, of vitest… */
  readonly test: (title: string, run: () => Promise<void>) => unknown
  /** Makes what the nodes of one test share: for a log over a broker, an empty one. */
  readonly createEngine: () => Promise<LogEngine> | LogEngine
  /** Whether several nodes can share a log. */
  readonly shared: boolean
  /** What the tests can do to the broker beyond appending; a test that needs more is left out. */
  readonly can?: Abilities
}

/**
 * Registers the tests that every `MessageLog` must pass.
 *
 * @example
 * import { test } from 'node:test'
 * import { logContract } from 'fastify-comet/testing'
 *
 * logContract({ test, shared: false, createEngine: () => ({ createNode: () => ({ log: myLog() }), close () {} }) })
 */
export function logContract ({ test, createEngine, shared, can = {} }: LogContractOptions): void {
  const tests: Contract = { ...nodeContract, ...(shared ? sharedContract : {}), ...outageContract(can) }
  for (const [title, run] of Object.entries(tests)) {
    test(title, () => withNodes(createEngine, run))
  }
}
