/**
 * A copy of a text that keeps nothing else in memory. V8 makes a part of a longer text, such as a name in a request's URL,
 * a pointer into that text: a cache that keeps the name would keep the URL.
 */
export function ownString (text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
