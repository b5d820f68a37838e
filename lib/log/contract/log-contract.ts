import { type Abilities, type Contract, type LogEngine, withEngine } from './harness.ts'
import { nodeContract } from './single-node.ts'
import { outageContract } from './outage.ts'
import { sharedContract } from './shared.ts'

export type { LogEngine, LogNode } from './harness.ts'

export interface LogContractOptions {
  /** Registers a test: that of tap, of `node:test`, of vitest… */
  readonly test: (title: string, run: () => Promise<void>) => unknown
  /** A fresh engine. What it is able to do decides which tests there are. */
  readonly createEngine: () => Promise<LogEngine> | LogEngine
  /** Whether nodes can share an engine. */
  readonly shared: boolean
  /** Which of its abilities the engine has. */
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
    test(title, () => withEngine(createEngine, run))
  }
}
