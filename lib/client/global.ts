// The classic build: a script that makes `Comet` a global of the page.

import { Comet } from './comet.ts'

(self as unknown as { Comet: typeof Comet }).Comet = Comet
