// What the types promise an application, on the declarations as they are published.
import { fileURLToPath } from 'node:url'
import t from 'tap'
import typescript from 'typescript'

for (const [name, what] of [['channels', 'typed channels hold from end to end, and the declarations have no errors'], ['shared', 'so do those that are said to the client alone']]) {
  t.test(what as string, async (t) => {
    const program = typescript.createProgram([fileURLToPath(new URL(`types/${name}.ts`, import.meta.url))], {
      module: typescript.ModuleKind.NodeNext,
      target: typescript.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: ['node'],
      strict: true,
      noEmit: true
    })
    // Those of others take most of the time, and are checked with the tarball.
    const own = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'))
    t.same(own.flatMap((file) => typescript.getPreEmitDiagnostics(program, file)).map(({ file, start, messageText }) =>
      `${file?.fileName}:${file?.getLineAndCharacterOfPosition(start ?? 0).line}: ${typescript.flattenDiagnosticMessageText(messageText, ' ')}`), [])
    t.ok(own.some(({ fileName }) => fileName.endsWith('dist/index.d.ts')))
  })
}
