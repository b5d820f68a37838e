// The classic build: a script that makes `Comet` a global of the page, or the shared connection of a worker.

import { Comet } from './comet.ts'
import { Hub } from './share/hub.ts'

interface Scope {
  Comet?: typeof Comet
  document?: Document
  name: string
  onconnect?: (event: MessageEvent) => void
}

const scope = self as unknown as Scope

if (scope.document) scope.Comet = Comet
else {
  const hub = new Hub(scope.name)
  scope.onconnect = (event) => { hub.add(event.ports[0] as MessagePort) }
}
