/** A plain object without a prototype, for names: ES5 browsers have neither `Set` nor `Map`. */
export type Dictionary<T> = Record<string, T>

export function dictionary<T> (): Dictionary<T> {
  return Object.create(null) as Dictionary<T>
}

/** The names, each set to true. */
export function setOf (names: readonly string[]): Dictionary<true> {
  const set = dictionary<true>()
  names.forEach((name) => { set[name] = true })
  return set
}

/** A shallow copy that may be changed. */
export function copy<T extends object> (from: T): { -readonly [K in keyof T]: T[K] } {
  const to = {} as T
  for (const key in from) to[key] = from[key]
  return to
}
