/** What was remembered in this browser under a key, or an empty string. */
export function recall (key: string): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    // Private modes throw: the page then forgets, and works.
    return ''
  }
}

/** Remembers a text in this browser, where it allows that. */
export function remember (key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    console.debug('This browser remembers nothing')
  }
}
