// Lets Node run the TypeScript of this repository, within a second: tap's own loader takes two more for each process.
// `node --import ./scripts/typescript.js test/unit/util/deque.test.ts`
import { register } from 'node:module'

process.setSourceMapsEnabled(true)
register('./typescript-hooks.js', import.meta.url)

// What a test starts may be TypeScript too.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=${import.meta.url}`
