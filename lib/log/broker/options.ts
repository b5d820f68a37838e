import { COMET_ERR_OPTION, COMET_ERR_OPTION_UNKNOWN, show } from '../../errors.ts'
import type { BrokerOptions } from './broker.ts'

/** The rule in words, and whether a value keeps it. */
export type LogRule = readonly [rule: string, holds: (value: unknown) => boolean]

const MAX_TIMEOUT = 2_147_483_647 // what a timer takes

/** The options that all logs over an engine take. */
export const BROKER_DEFAULTS: BrokerOptions = { publishTimeout: 5000, loadLength: 100_000 }

export const BROKER_RULES: Record<keyof BrokerOptions, LogRule> = {
  publishTimeout: integer(1, MAX_TIMEOUT),
  loadLength: integer(0)
}

/** Checks the options of a log and completes them. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`. */
export function completeOptions<T extends object> (given: Partial<T>, defaults: T, rules: Record<keyof T, LogRule>): T {
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  for (const [name, value] of set) {
    if (!Object.hasOwn(rules, name)) throw new COMET_ERR_OPTION_UNKNOWN(name, Object.keys(rules).join(', '))
    const [rule, holds] = rules[name as keyof T]
    if (!holds(value)) throw new COMET_ERR_OPTION(name, rule, show(value))
  }
  return { ...defaults, ...Object.fromEntries(set) }
}

export function integer (min: number, max: number = Number.MAX_SAFE_INTEGER): LogRule {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
  return [`an integer ${range}`, (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max]
}
