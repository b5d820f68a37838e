import { COMET_ERR_ARGUMENT, show } from '../errors.ts'

/** Throws `COMET_ERR_ARGUMENT` for options of a method that are no object, or that it does not know. */
export function checkOptions (method: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new COMET_ERR_ARGUMENT(`the options of ${method}`, 'an object', show(options))
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new COMET_ERR_ARGUMENT(`an option of ${method}`, names.join(' or '), show(unknown))
}
