// The transpiler that tap uses for TypeScript, see "ts-node" in tsconfig.json. Each test file runs in a separate
// process, and most of them import most of lib/: without this cache, compiling would take longer than half of the
// tests.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
// Without the compiler, which takes 0.3 s to load and is not needed where all is kept.
const { version } = require('typescript/package.json')

// ModuleKind.ESNext
const ES_NEXT = 99
const FOLDER = join(__dirname, '../node_modules/.cache/fastify-comet')

exports.create = ({ service: { config } }) => {
  const options = { ...config.options, module: ES_NEXT }
  const settings = JSON.stringify([version, options])
  return {
    transpile (input, { fileName }) {
      const file = join(FOLDER, createHash('sha256').update(settings).update(fileName).update(input).digest('hex'))
      return read(file) ?? write(file, compile(input, fileName, options))
    }
  }
}

function compile (input, fileName, compilerOptions) {
  const options = { fileName, compilerOptions, reportDiagnostics: true }
  const { outputText, sourceMapText, diagnostics } = require('typescript').transpileModule(input, options)
  return { outputText, sourceMapText, diagnostics }
}

function read (file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

// Other processes may read or write the same file at any time, so it is renamed into place.
function write (file, compiled) {
  if (compiled.diagnostics.length > 0) return compiled
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(compiled))
  renameSync(`${file}.${process.pid}`, file)
  return compiled
}
