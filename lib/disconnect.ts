import type { Authorization } from './authorization.ts'
import type { Bus } from './bus.ts'
import type { Connections } from './connections.ts'
import { COMET_ERR_ARGUMENT, show } from './errors.ts'
import { digest, type Identity, type Presence } from './presence.ts'

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
}

interface DisconnectNote {
  readonly node: string
  readonly disconnect: DisconnectCriteria
}

/** Ends the connections that match, on this node at once, and tells the other nodes. Returns how many there were here. */
export function disconnect (here: Disconnectable, criteria: DisconnectCriteria, onError: (error: unknown) => void): number {
  const concealed = conceal(check(criteria))
  const count = disconnectHere(here, concealed)
  if (here.bus.log.shared) {
    const note: DisconnectNote = { node: here.node, disconnect: concealed }
    here.bus.note(JSON.stringify(note)).catch(onError)
  }
  return count
}

/** Does what another node has asked for. What this version does not know is left alone. */
export function hearNote (here: Disconnectable, data: string): void {
  const note: unknown = JSON.parse(data)
  if (isDisconnectNote(note) && note.node !== here.node) disconnectHere(here, note.disconnect)
}

function disconnectHere ({ bus, connections, presence, authorization }: Disconnectable, criteria: DisconnectCriteria): number {
  const matches = matcher(criteria)
  authorization.forget()
  // What was published before is sent before they are told to go.
  bus.flush()
  return connections.disconnect(matches) + presence.disconnect(matches)
}

function check (criteria: DisconnectCriteria): DisconnectCriteria {
  const given = Object.entries(criteria ?? {}).filter(([, value]) => value !== undefined)
  const wrong = given.find(([name, value]) => !['client', 'user', 'channel'].includes(name) || typeof value !== 'string')
  if (wrong !== undefined) throw new COMET_ERR_ARGUMENT(`disconnect's ${wrong[0]}`, 'one of client, user, channel, and a string', show(wrong[1]))
  if (given.length === 0) throw new COMET_ERR_ARGUMENT('disconnect', 'given a client, user or channel', show(criteria))
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

function isDisconnectNote (note: unknown): note is DisconnectNote {
  return typeof note === 'object' && note !== null && 'disconnect' in note && typeof note.disconnect === 'object'
}
