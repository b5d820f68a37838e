// Sets of names as plain objects without a prototype: ES5 browsers have neither `Set` nor `Map`.

export type Dictionary<T> = Record<string, T>

export function dictionary<T> (): Dictionary<T> {
  return Object.create(null) as Dictionary<T>
}

/** The names, each set to true. */
export function setOf (names: readonly string[]): Dictionary<true> {
  const set = dictionary<true>()
  names.forEach(function (name) { set[name] = true })
  return set
}
