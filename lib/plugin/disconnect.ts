import type { Authorization } from '../connections/authorization/authorization.ts'
import type { Bus } from '../bus/bus.ts'
import type { Connections } from '../connections/registry.ts'
import { COMET_ERR_ARGUMENT, show } from '../errors.ts'
import type { Notes } from './notes.ts'
import { digest, type Identity, type Presence } from '../connections/presence/presence.ts'

/** Whose connections to end: those that match all that is given. */
export interface DisconnectCriteria {
  /** the digest that hooks and `subscribers` show, or the secret itself */
  readonly client?: string
  readonly user?: string
  readonly channel?: string
}

/** Where connections and what is known of their clients are found. */
export interface Disconnectable {
  readonly node: string
  readonly bus: Bus
  readonly connections: Connections
  readonly presence: Presence
  readonly authorization: Authorization
  readonly notes: Notes
}

// A note with the digests of more clients than this is more than one.
const DIGESTS_AT_ONCE = 1000

const CRITERIA = 'the criteria of disconnect'
const NAMES: readonly string[] = ['client', 'user', 'channel']

/** Ends the connections that match, on this node at once, and notifies the other nodes. Returns how many there were here. */
export function disconnect (here: Disconnectable, criteria: DisconnectCriteria): number {
  const concealed = conceal(check(criteria))
  if (here.bus.log.shared) here.notes.send({ disconnect: concealed })
  return disconnectHere(here, concealed)
}

/** Does what another node has asked for. What this version does not know is left alone. */
export function hearNote (here: Disconnectable, data: string): void {
  const note: unknown = JSON.parse(data)
  if (!isRecord(note) || note['node'] === here.node) return
  const { disconnect, disconnected } = note
  if (isRecord(disconnect) && isCriteria(disconnect)) disconnectHere(here, disconnect)
  if (isStrings(disconnected)) here.presence.disconnected.remember(disconnected)
}

// The next poll of a client that is between two of them may come to any node.
function disconnectHere ({ bus, connections, presence, authorization, notes }: Disconnectable, criteria: DisconnectCriteria): number {
  const matches = matcher(criteria)
  authorization.forget(matches)
  // What was published before is sent before they are told to go.
  bus.flush()
  const count = connections.disconnect(matches)
  const digests = presence.disconnect(matches)
  for (let i = 0; i < digests.length && bus.log.shared; i += DIGESTS_AT_ONCE) notes.send({ disconnected: digests.slice(i, i + DIGESTS_AT_ONCE) })
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

// A secret is never stored, and the log stores: what may be one goes there as its digest.
function conceal ({ client, ...others }: DisconnectCriteria): DisconnectCriteria {
  return client === undefined ? others : { ...others, client: digest(client) }
}

/** `client` is the digest of the secret, or of the secret's digest. */
function matcher ({ client, user, channel }: DisconnectCriteria): (identity: Identity, channels: readonly string[]) => boolean {
  return (identity, channels) => (client === undefined || isDigestOf(client, identity.client)) &&
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

// Of a note, which anybody may have written who can write to the engine: no criterion would match everybody.
function isCriteria (given: Record<string, unknown>): given is DisconnectCriteria & Record<string, unknown> {
  const entries = Object.entries(given)
  return entries.length > 0 && entries.every(([name, value]) => NAMES.includes(name) && typeof value === 'string')
}

function isStrings (value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= DIGESTS_AT_ONCE && value.every((one) => typeof one === 'string')
}
