// What tap compiles TypeScript with, see "ts-node" in tsconfig.json. Each test file is a process of its own, and most of them
// need most of lib/: compiled anew each time, that would take longer than half of the tests do. So it is kept.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { ModuleKind, transpileModule, version } = require('typescript')

const FOLDER = join(__dirname, '../node_modules/.cache/fastify-comet')

exports.create = ({ service: { config } }) => {
  const options = { ...config.options, module: ModuleKind.ESNext }
  const settings = JSON.stringify([version, options])
  return {
    transpile (input, { fileName }) {
      const file = join(FOLDER, createHash('sha256').update(settings).update(fileName).update(input).digest('hex'))
      return read(file) ?? write(file, compile(input, fileName, options))
    }
  }
}

function compile (input, fileName, compilerOptions) {
  const { outputText, sourceMapText, diagnostics } = transpileModule(input, { fileName, compilerOptions, reportDiagnostics: true })
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

// Others may read it, or write the same, at any time.
function write (file, compiled) {
  if (compiled.diagnostics.length > 0) return compiled
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(compiled))
  renameSync(`${file}.${process.pid}`, file)
  return compiled
}
