/** A character as JSON writes it inside a string, for those that JSON itself need not escape. */
export function escape (character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
