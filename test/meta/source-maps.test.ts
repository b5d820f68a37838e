// The builds of the client are made in two or three steps, each with a map of its own. What is left of them must lead
// from a minified file to the line of the source.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { decode } from '@jridgewell/sourcemap-codec'
import { parse, type Node } from 'acorn'
import t from 'tap'

const root = new URL('../../', import.meta.url)
const dist = new URL('dist/client/', root)

// Codes of errors and parts of messages.
const WORDS = /^[A-Z]{3,}_[A-Z_]+$|^[a-z]+ [a-z ]+$/

interface SourceMap { readonly file: string, readonly sources: string[], readonly mappings: string }

for (const file of ['client.mjs', 'client.js', 'worker.js']) {
  const code = readFileSync(new URL(file, dist), 'utf8')
  const map = JSON.parse(readFileSync(new URL(`${file}.map`, dist), 'utf8')) as SourceMap

  t.test(`${file} has a map, which is named only where bundlers look for it`, async (t) => {
    t.equal(map.file, file)
    t.ok(map.sources.includes('../../lib/client/comet.ts'))
    t.equal(/\/\/# sourceMappingURL=(.*)$/.exec(code)?.[1], file === 'client.mjs' ? 'client.mjs.map' : undefined)
  })

  t.test(`each text in ${file} is mapped to a line of the source that has it`, async (t) => {
    const texts = textsIn(code)
    t.ok(texts.length > 30, `${texts.length} texts`)
    t.same(texts.filter(({ value, offset }) => !lineOf(map, code, offset).includes(value)), [])
  })
}

t.test('a stack trace names the lines of the client', async (t) => {
  const script = "import { Comet } from 'fastify-comet/client'; new Comet('http://127.0.0.1/comet', { upgrade: 1 })"
  const args = ['--enable-source-maps', '--input-type=module', '--eval', script]
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: root })
    .catch((error: { stderr: string }) => error)
  const [, path, line] = /lib\/(client\/rules\.ts):(\d+)/.exec(stderr) ?? []
  t.match(readFileSync(new URL(`lib/${path}`, root), 'utf8').split('\n')[Number(line) - 1], 'throw invalid(')
})

/** The source line to which a position in the code is mapped, or an empty text. */
function lineOf ({ mappings, sources }: SourceMap, code: string, offset: number): string {
  const before = code.slice(0, offset).split('\n')
  const column = (before.at(-1) as string).length
  const segment = decode(mappings)[before.length - 1]?.findLast(([start]) => start <= column)
  if (segment?.length !== 4) return ''
  return readFileSync(new URL(sources[segment[1]] as string, dist), 'utf8').split('\n')[segment[2]] ?? ''
}

/** The words that are string literals as they are in the code, with their positions. */
function textsIn (code: string): { value: string, offset: number }[] {
  const texts: { value: string, offset: number }[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, value, start } = node as Node & { value?: unknown }
    const isText = type === 'Literal' && typeof value === 'string' && WORDS.test(value)
    if (isText && value !== 'use strict') texts.push({ value, offset: start })
    for (const child of Object.values(node)) visit(child)
  }
  visit(parse(code, { ecmaVersion: 2020, sourceType: 'module' }))
  return texts
}
