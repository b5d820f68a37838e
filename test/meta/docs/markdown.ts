// What the documentation tests read of a Markdown file.
import { readFileSync } from 'node:fs'

/** The files that are checked, from the repository's root. */
export const DOCUMENTS = [
  'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/ARCHITECTURE.md', 'docs/COMPARISON.md',
  'docs/PROTOCOL.md', 'docs/RECIPES.md', 'docs/REFERENCE.md'
]

export interface CodeBlock {
  readonly language: string
  readonly code: string
  /** the line that it begins at */
  readonly line: number
  /** the nearest heading above it */
  readonly heading: string
}

export function readDocument (path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
}

/** The text from a heading to the next one of the same level or above. */
export function section (text: string, heading: string): string {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => headingOf(line)?.text === heading)
  if (start === -1) throw new Error(`There is no heading "${heading}"`)
  const level = headingOf(lines[start] as string)?.level as number
  const length = lines.slice(start + 1).findIndex((line) => (headingOf(line)?.level ?? Infinity) <= level)
  return lines.slice(start, length === -1 ? undefined : start + 1 + length).join('\n')
}

/** The headings of one level. */
export function headings (text: string, level: number): string[] {
  return prose(text).flatMap((line) => {
    const heading = headingOf(line)
    return heading?.level === level ? [heading.text] : []
  })
}

/** The rows of the first table, without its head: each cell as it is written. */
export function table (text: string): string[][] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith('|'))
  if (start === -1) throw new Error('There is no table')
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'))
  return lines.slice(start + 2, end === -1 ? undefined : end).map((line) =>
    line.slice(1, -1).split('|').map((cell) => cell.trim()))
}

/** What stands between the first two backticks of a cell. */
export function quoted (cell: string | undefined): string {
  return /`([^`]*)`/.exec(cell ?? '')?.[1] ?? ''
}

export function codeBlocks (text: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let heading = ''
  let open: { language: string, line: number, code: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(\w*)$/.exec(line)
    if (open !== undefined && fence !== null) {
      blocks.push({ language: open.language, line: open.line, heading, code: `${open.code.join('\n')}\n` })
      open = undefined
    } else if (open !== undefined) open.code.push(line)
    else if (fence !== null) open = { language: fence[1] as string, line: index + 1, code: [] }
    else heading = headingOf(line)?.text ?? heading
  }
  return blocks
}

/** The lines that are no code. */
export function prose (text: string): string[] {
  let isCode = false
  return text.split('\n').filter((line) => {
    const isFence = line.startsWith('```')
    if (isFence) isCode = !isCode
    return !isCode && !isFence
  })
}

function headingOf (line: string): { level: number, text: string } | undefined {
  const match = /^(#+) (.*)$/.exec(line)
  return match === null ? undefined : { level: (match[1] as string).length, text: match[2] as string }
}
