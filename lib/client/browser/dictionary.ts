/** A plain object without a prototype, with names as its keys: ES5 browsers have neither `Set` nor `Map`. */
export type Dictionary<T> = Record<string, T>

/** An empty dictionary. */
export function dictionary<T> (): Dictionary<T> {
  return Object.create(null) as Dictionary<T>
}

/** A shallow copy that may be changed. `to`: the object that the properties are copied to. Default: a new one. */
export function copy<T extends object> (from: T, to = {} as { -readonly [K in keyof T]: T[K] }): typeof to {
  for (const key in from) to[key] = from[key]
  return to
}
