import type { Authorization } from '../connections/authorization/authorization.ts'
import type { Bus } from '../bus/bus.ts'
import type { ConnectionRegistry } from '../connections/registry.ts'
import { COMET_ERR_ARGUMENT, show } from '../errors.ts'
import type { ControlMessages } from './control-messages.ts'
import { digest, type Identity, type Presence } from '../connections/presence/presence.ts'

/** Which connections to end: those that match every criterion given. */
export interface DisconnectCriteria {
  /** the digest that hooks and `subscribers` show, or the secret itself */
  readonly client?: string
  readonly user?: string
  readonly channel?: string
}

/** The parts of an instance that a disconnect acts on. */
export interface Disconnectable {
  readonly node: string
  readonly bus: Bus
  readonly connections: ConnectionRegistry
  readonly presence: Presence
  readonly authorization: Authorization
  readonly controlMessages: ControlMessages
}

const CRITERIA = 'the criteria of disconnect'
const NAMES: readonly string[] = ['client', 'user', 'channel']

// The most clients whose digests one control message carries.
const MAX_DIGESTS = 1000

/**
 * Ends the connections of this node that match, and sends the criteria to the other nodes of a shared log. Returns the
 * number of clients and connections that it ended here. Throws `COMET_ERR_ARGUMENT`.
 */
export function disconnect (here: Disconnectable, criteria: DisconnectCriteria): number {
  const concealed = conceal(check(criteria))
  if (here.bus.log.shared) here.controlMessages.send({ disconnect: concealed })
  return disconnectHere(here, concealed)
}

/**
 * Acts on a control message of another node. Ignores what this version does not know. Throws for text that is not JSON.
 */
export function receiveControlMessage (here: Disconnectable, data: string): void {
  const message: unknown = JSON.parse(data)
  if (!isRecord(message) || message['node'] === here.node) return
  const { disconnect, disconnected } = message
  if (isRecord(disconnect) && isCriteria(disconnect)) disconnectHere(here, disconnect)
  if (isStrings(disconnected)) here.presence.disconnected.remember(disconnected)
}

// The next poll of a client that is between two polls may arrive at any node: all of them are sent its digest.
function disconnectHere (here: Disconnectable, criteria: DisconnectCriteria): number {
  const { bus, connections, presence, authorization, controlMessages } = here
  const matches = matcher(criteria)
  authorization.forget(matches)
  // What was published before the disconnect is sent before it.
  bus.flush()
  const count = connections.disconnect(matches)
  const digests = presence.disconnect(matches)
  for (let i = 0; i < digests.length && bus.log.shared; i += MAX_DIGESTS) {
    controlMessages.send({ disconnected: digests.slice(i, i + MAX_DIGESTS) })
  }
  return count + digests.length
}

function check (criteria: DisconnectCriteria): DisconnectCriteria {
  if (typeof criteria !== 'object' || criteria === null) {
    throw new COMET_ERR_ARGUMENT(CRITERIA, 'an object such as { user: "ann" }', show(criteria))
  }
  const given = Object.entries(criteria).filter(([, value]) => value !== undefined)
  if (given.length === 0) throw new COMET_ERR_ARGUMENT(CRITERIA, 'at least one of client, user and channel', 'none')
  for (const [name, value] of given) {
    if (!NAMES.includes(name)) throw new COMET_ERR_ARGUMENT(CRITERIA, 'some of client, user and channel', show(name))
    if (typeof value === 'string' && value !== '') continue
    throw new COMET_ERR_ARGUMENT(`the ${name} of disconnect`, 'a non-empty string', show(value))
  }
  return criteria
}

// The log stores what it is given, and a secret must never be stored: its digest stands for it.
function conceal ({ client, ...others }: DisconnectCriteria): DisconnectCriteria {
  return client === undefined ? others : { ...others, client: digest(client) }
}

/** `client` is the digest of the secret, or of the secret's digest. */
function matcher ({ client, user, channel }: DisconnectCriteria) {
  return (identity: Identity, channels: readonly string[]): boolean =>
    (client === undefined || isDigestOf(client, identity.client)) &&
    (user === undefined || identity.user === user) &&
    (channel === undefined || channels.includes(channel))
}

function isDigestOf (client: string, secret: string): boolean {
  const once = digest(secret)
  return client === once || client === digest(once)
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Anybody who can write to the broker may have written the message. Criteria without a single entry would match
// everybody.
function isCriteria (given: Record<string, unknown>): given is DisconnectCriteria & Record<string, unknown> {
  const entries = Object.entries(given)
  return entries.length > 0 && entries.every(([name, value]) => NAMES.includes(name) && typeof value === 'string')
}

function isStrings (value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_DIGESTS && value.every((one) => typeof one === 'string')
}
