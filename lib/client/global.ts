// The classic build: a script that makes `Comet` a global of the page.

import { Comet } from './comet.ts'

(window as Window & { Comet?: typeof Comet }).Comet = Comet
