import { prose, readDocument } from './markdown.ts'

/** A link of a document, but to other sites. */
export interface Link {
  readonly target: string
  /** relative to the document; empty for the document itself */
  readonly file: string
  readonly anchor: string | undefined
}

export function linksIn (path: string): Link[] {
  const targets = [...prose(readDocument(path)).join('\n').matchAll(/\]\(([^)]+)\)/g)].map((match) =>
    match[1] as string)
  return targets.filter((target) => !target.startsWith('https://')).map((target) => {
    const [file, anchor] = target.split('#') as [string, string | undefined]
    return { target, file, anchor }
  })
}

/** The files that a document links to, relative to it. */
export function linksOf (path: string): string[] {
  return linksIn(path).map(({ file }) => file).filter((file) => file !== '')
}
