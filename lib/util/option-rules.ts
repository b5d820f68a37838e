import { COMET_ERR_ARGUMENT, COMET_ERR_OPTION, COMET_ERR_OPTION_UNKNOWN, show } from '../errors.ts'

/** What the value of an option must be: in words, as the error message has it, and as a test. */
export type OptionRule = readonly [text: string, holds: (value: unknown) => boolean]

/** A rule for each option. */
export type OptionRules<T> = { readonly [K in keyof T]-?: OptionRule }

/** The longest delay that a timer takes, in ms. */
export const MAX_TIMEOUT = 2_147_483_647

/** The rule that a value is an integer within these limits, both included. */
export function integer (min: number, max: number = Number.MAX_SAFE_INTEGER): OptionRule {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
  return [`an integer ${range}`, (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max]
}

/**
 * Checks options and completes them: an option that is absent or `undefined` has its default. `culprit` picks the value
 * that an error message shows. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`.
 */
export function completeOptions<T extends object> (
  given: { readonly [K in keyof T]?: T[K] | undefined },
  defaults: T,
  rules: OptionRules<T>,
  culprit: (name: string, value: unknown) => unknown = (_name, value) => value
): T {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, name)) throw new COMET_ERR_OPTION_UNKNOWN(name, Object.keys(rules).join(', '))
    const [text, holds] = rules[name as keyof T]
    if (value !== undefined && !holds(value)) throw new COMET_ERR_OPTION(name, text, show(culprit(name, value)))
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(set) }
}

/**
 * Throws `COMET_ERR_ARGUMENT` if the options of a method are not an object, or have a name that is not one of `names`.
 */
export function checkOptions (method: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new COMET_ERR_ARGUMENT(`the options of ${method}`, 'an object', show(options))
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new COMET_ERR_ARGUMENT(`the options of ${method}`, `limited to ${names.join(' and ')}`, show(unknown))
}
