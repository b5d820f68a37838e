/** The JSON escape of a character that JSON itself does not require to be escaped. */
export function escape (character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
