// The module hooks of typescript.js: https://nodejs.org/api/module.html#customization-hooks
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import transpiler from './transpiler.cjs'

// ScriptTarget.ES2022
const ES2022 = 9
const options = { target: ES2022, sourceMap: true, verbatimModuleSyntax: true }
const { transpile } = transpiler.create({ service: { config: { options } } })

/** Compiles what ends in `.ts`. */
export async function load (url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  const fileName = fileURLToPath(url)
  const { outputText, sourceMapText } = transpile(await readFile(fileName, 'utf8'), { fileName })
  const map = Buffer.from(sourceMapText).toString('base64')
  const source = outputText.replace(
    /\n\/\/# sourceMappingURL=.*\s*$/, `\n//# sourceMappingURL=data:application/json;base64,${map}`
  )
  return { format: 'module', shortCircuit: true, source }
}
