// `npm run long -- faults` does the same to more clients, for longer.
import t from 'tap'
import { locate } from '../../scripts/requirements.js'
import { misfortunes, play } from '../long/misfortunes.ts'

for (const [what, misfortune] of Object.entries(misfortunes)) {
  t.test(`a server is ${what}, and its clients lose nothing that they are not told of`, async (t) => {
    if (misfortune.needsFewFiles === true && locate('prlimit') === undefined) {
      return t.plan(0, 'there is no prlimit here')
    }
    for (const [found, isRight] of await play(misfortune.play, { clients: 10, ms: 500 }, misfortune.needsFewFiles &&
      60)) {
      t.ok(isRight, found)
    }
  })
}
