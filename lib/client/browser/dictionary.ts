/** A plain object without a prototype, for names: ES5 browsers have neither `Set` nor `Map`. */
export type Dictionary<T> = Record<string, T>

export function dictionary<T> (): Dictionary<T> {
  return Object.create(null) as Dictionary<T>
}

/** A shallow copy that may be changed. */
export function copy<T extends object> (from: T): { -readonly [K in keyof T]: T[K] } {
  const to = {} as T
  for (const key in from) to[key] = from[key]
  return to
}
