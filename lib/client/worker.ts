// The script of the SharedWorker: one client for many tabs.

import { Comet } from './comet.ts'
import { Hub } from './share/hub.ts'

interface Scope {
  readonly name: string
  onconnect: (event: MessageEvent) => void
}

const scope = self as unknown as Scope
const hub = new Hub(Comet, scope.name)
scope.onconnect = (event) => { hub.add(event.ports[0] as MessagePort) }
