// The script of the SharedWorker: one client for many tabs.

import type { Comet } from '../comet.ts'
import { Hub } from './hub.ts'

interface Scope {
  readonly Comet: typeof Comet
  readonly name: string
  importScripts (url: string): void
  onconnect: (event: MessageEvent) => void
}

const scope = self as unknown as Scope
// Beside this one
scope.importScripts('client.js')
const hub = new Hub(scope.Comet, scope.name)
scope.onconnect = (event) => { hub.add(event.ports[0] as MessagePort) }
