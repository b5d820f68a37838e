/** Loads a text that this browser has stored under the key, or an empty string. */
export function loadText (key: string): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    // Private modes throw: the page works without storage.
    return ''
  }
}

/** Stores a text in this browser, if it allows that. */
export function saveText (key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    console.debug('This browser does not allow storage')
  }
}
