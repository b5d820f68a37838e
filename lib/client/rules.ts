// The rules for options and arguments of the client.

import { MAX_HISTORY, MAX_NAME_LENGTH } from '../protocol/wire.ts'
import { invalid } from './errors.ts'

/** What a value must be. */
export interface Rule {
  /** The rule in words, to complete "must be". */
  readonly words: string
  fits (value: unknown): boolean
}

/** `true` or `false`. */
export const BOOLEAN: Rule = { words: 'a boolean', fits: (value) => typeof value === 'boolean' }

/** Any function. */
export const FUNCTION: Rule = { words: 'a function', fits: (value) => typeof value === 'function' }

/** An `AbortSignal`, or an object with the same methods. */
export const SIGNAL: Rule = {
  words: 'an AbortSignal',
  fits: (value) => FUNCTION.fits((Object(value) as Partial<AbortSignal>).addEventListener)
}

/** The name of a channel. */
export const CHANNEL: Rule = {
  words: '1 to ' + MAX_NAME_LENGTH + ' characters without control characters and lone surrogates',
  fits: isName
}

/** The key of a message that is published once. */
export const KEY: Rule = CHANNEL

/** A number of messages to start with. */
export const HISTORY: Rule = integerRule(0, MAX_HISTORY)

/** An integer within these limits. */
export function integerRule (least: number, most: number): Rule {
  return {
    words: 'an integer from ' + least + ' to ' + most,
    fits: (value) => typeof value === 'number' && value >= least && value <= most && value % 1 === 0
  }
}

/** A string that matches a pattern. */
export function text (words: string, pattern: RegExp): Rule {
  return { words, fits: (value) => typeof value === 'string' && pattern.test(value) }
}

/** One of these strings. */
export function oneOf (names: readonly string[]): Rule {
  return { words: 'one of ' + names.join(', '), fits: (value) => names.indexOf(value as string) >= 0 }
}

/** Throws a `TypeError` with the name, the rule and the value, unless the value fits. */
export function check (name: string, rule: Rule, value: unknown): void {
  if (!rule.fits(value)) throw invalid(name, rule.words, value)
}

/**
 * Throws unless the options are absent, or an object that has no other names than these rules, each with a value that
 * fits or `undefined`. `method` names what they are options of.
 */
export function checkMethodOptions (method: string, rules: Readonly<Record<string, Rule>>, options: unknown): void {
  if (options === undefined) return
  if (typeof options !== 'object' || !options) throw invalid('the options of ' + method, 'an object', options)
  const names = Object.keys(rules)
  Object.keys(options).forEach((name) => {
    if (!names.length) throw invalid('the options of ' + method, 'absent', options)
    check('an option of ' + method, oneOf(names), name)
    const value = (options as Record<string, unknown>)[name]
    if (value !== undefined) check(name, rules[name] as Rule, value)
  })
}

// A pair of surrogates is one character. No URL can have a surrogate without its other half.
function isName (value: unknown): boolean {
  if (typeof value !== 'string') return false
  const characters = value.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '_')
  // eslint-disable-next-line no-control-regex -- these are refused
  const hasInvalid = /[\0-\x1f\x7f-\x9f\ud800-\udfff]/.test(characters)
  return !hasInvalid && characters.length > 0 && characters.length <= MAX_NAME_LENGTH
}
