// What the types promise an application, on the declarations as they are published.
import { fileURLToPath } from 'node:url'
import t from 'tap'
import typescript from 'typescript'

const DOM = ['lib.dom.d.ts', 'lib.dom.iterable.d.ts']

interface Surroundings { lib?: string[], types?: string[], main?: string }

const PROGRAMS: [name: string, what: string, surroundings: Surroundings][] = [
  ['channels', 'typed channels hold from end to end, and the declarations have no errors', {
    lib: DOM, types: ['node'], main: 'dist/index.d.ts'
  }],
  ['shared', 'so do those that are said to the client alone', { lib: DOM, types: ['node'], main: 'dist/index.d.ts' }],
  ['shared', 'and on a server that has no declarations of a browser', { types: ['node'], main: 'dist/index.d.ts' }],
  ['neutral', 'the client needs the declarations of neither a browser nor Node', {}],
  ['neutral', 'those of both do not disturb it', { lib: DOM, types: ['node'] }]
]

for (const [name, what, { lib = [], types = [], main = 'dist/client/index.d.ts' }] of PROGRAMS) {
  t.test(what, async (t) => {
    const program = typescript.createProgram([fileURLToPath(new URL(`types/${name}.ts`, import.meta.url))], {
      module: typescript.ModuleKind.NodeNext,
      target: typescript.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', ...lib],
      types,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true
    })
    // Those of others take most of the time, and are checked with the tarball.
    const own = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'))
    t.same(own.flatMap((file) => typescript.getPreEmitDiagnostics(program, file)).map(({ file, start, messageText }) =>
      `${file?.fileName}:${file?.getLineAndCharacterOfPosition(start ??
        0).line}: ${typescript.flattenDiagnosticMessageText(messageText, ' ')}`), [])
    t.ok(own.some(({ fileName }) => fileName.endsWith(main)))
  })
}
