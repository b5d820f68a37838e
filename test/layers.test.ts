import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import typescript from 'typescript'

interface Layer {
  files: RegExp
  /** Files of lib/. */
  mayImport: RegExp[]
  /** Default: all. */
  packages?: RegExp[]
}

const wire = /^(protocol|channels)\.ts$/
const browser = /^client\//
const log = /^log\//
const transports = /^transports\//
const routes = /^routes\//
const testing = /^testing\//
const bus = /^(audience|audiences|batch|bus|bus-observer|channel|channel-seat|costs|deque|encoder|evictions|floors|frames|gzip|heap|history|latch|limits|linked-list|log-position|observers|pages|reader|rounds|seat|set-key|settle|shared-question|small-set|turn|work-queue)\.ts$/
const rest = /^[^/]+(?<!^index)\.ts$/

// The first line that names a file is its layer.
const layers: Layer[] = [
  { files: wire, mayImport: [], packages: [] },
  { files: /^errors\.ts$/, mayImport: [], packages: [/^@fastify\/error$/] },
  { files: browser, mayImport: [browser, wire], packages: [] },
  { files: transports, mayImport: [transports, wire] },
  { files: log, mayImport: [log, wire, /^errors\.ts$/] },
  { files: testing, mayImport: [testing, log] },
  { files: bus, mayImport: [bus, transports, log, wire, /^(errors|options)\.ts$/] },
  { files: rest, mayImport: [rest, transports, log] },
  { files: routes, mayImport: [routes, rest, transports, log] },
  { files: /^index\.ts$/, mayImport: [routes, rest, transports, log] }
]

const root = fileURLToPath(new URL('../lib/', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).sort()
const imports = new Map(files.map((file) => [file, importsOf(file)]))

t.test('every file of lib/ belongs to a layer', async (t) => {
  t.same(files.filter((file) => layerOf(file) === undefined), [])
})

t.test('files import what is in their layer or below it', async (t) => {
  t.same(files.flatMap((file) => forbidden(file)), [])
})

t.test('no file imports itself, over however many others', async (t) => {
  t.same(files.filter((file) => reachable(file).has(file)), [])
})

t.test('no file has more than 200 lines', async (t) => {
  t.same(files.filter((file) => textOf(file).split('\n').filter((line) => line.trim() !== '').length > 200), [])
})

function forbidden (file: string): string[] {
  const { mayImport, packages } = layerOf(file) ?? { mayImport: [], packages: undefined }
  return importsOf(file).filter((name) => {
    const allowed = files.includes(name) ? mayImport : packages
    return allowed !== undefined && !allowed.some((pattern) => pattern.test(name))
  }).map((name) => `${file} imports ${name}`)
}

function layerOf (file: string): Layer | undefined {
  return layers.find((layer) => layer.files.test(file))
}

function reachable (file: string, seen = new Set<string>()): Set<string> {
  for (const name of imports.get(file) ?? []) {
    if (seen.has(name)) continue
    seen.add(name)
    reachable(name, seen)
  }
  return seen
}

/** Files as paths in lib/, packages by their names. */
function importsOf (file: string): string[] {
  return typescript.preProcessFile(textOf(file)).importedFiles.map(({ fileName }) => {
    return fileName.startsWith('.') ? normalize(join(dirname(file), fileName)) : fileName
  })
}

function textOf (file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
