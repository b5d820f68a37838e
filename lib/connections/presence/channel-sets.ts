import { ownString, setKey } from '../../util/names.ts'

/** The members that have one and the same set of channels. */
export interface CommonChannels<T> {
  readonly key: string
  readonly channels: readonly string[]
  readonly members: Set<T>
  /** the number of members that are connected */
  connected: number
}

/** The sets that have a channel. Most channels that strangers invent are in one: that takes no `Set` of 150 bytes. */
class Room<T> {
  readonly channel: string
  #first: CommonChannels<T> | undefined
  #others: Set<CommonChannels<T>> | undefined

  constructor (channel: string) {
    this.channel = channel
  }

  get size (): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0)
  }

  has (set: CommonChannels<T>): boolean {
    return this.#first === set || this.#others?.has(set) === true
  }

  add (set: CommonChannels<T>): void {
    if (this.#first === undefined) this.#first = set
    else (this.#others ??= new Set()).add(set)
  }

  delete (set: CommonChannels<T>): void {
    if (this.#first === set) this.#first = undefined
    else this.#others?.delete(set)
  }

  forEach (take: (set: CommonChannels<T>) => void): void {
    if (this.#first !== undefined) take(this.#first)
    this.#others?.forEach((set) => { take(set) })
  }
}

/**
 * The members of each channel. A member costs one entry, however many channels it has, as long as others have the same
 * channels.
 */
export class ChannelSets<T> {
  readonly #sets = new Map<string, CommonChannels<T>>()
  readonly #rooms = new Map<string, Room<T>>()
  #idle = 0

  /** The channels of all sets without a connected member, added up: those are retained for clients that are away. */
  get idle (): number {
    return this.#idle
  }

  /** Adds a member to the set of these channels, which is created if there is none. */
  join (channels: readonly string[], member: T): CommonChannels<T> {
    const key = setKey(channels)
    const set = this.#sets.get(key) ?? this.#create(key, channels)
    set.members.add(member)
    return set
  }

  /** Removes a member from a set, which is forgotten with its last member. */
  part (set: CommonChannels<T>, member: T): void {
    set.members.delete(member)
    if (set.members.size > 0) return
    this.#idle -= set.channels.length
    this.#sets.delete(set.key)
    for (const channel of set.channels) this.#empty(channel, set)
  }

  /** Counts one more connected member. */
  connect (set: CommonChannels<T>): void {
    if (set.connected++ === 0) this.#idle -= set.channels.length
  }

  /** Counts one connected member less. */
  disconnect (set: CommonChannels<T>): void {
    if (--set.connected === 0) this.#idle += set.channels.length
  }

  /** Whether a set has a channel. */
  has (set: CommonChannels<T>, channel: string): boolean {
    return this.#rooms.get(channel)?.has(set) === true
  }

  /** The members that have the channel; a member of several sets occurs several times. */
  members (channel: string): T[] {
    const all: T[] = []
    this.#rooms.get(channel)?.forEach(({ members }) => { for (const member of members) all.push(member) })
    return all
  }

  #create (key: string, channels: readonly string[]): CommonChannels<T> {
    const rooms = channels.map((channel) => this.#room(channel))
    const names = rooms.map(({ channel }) => channel)
    const set: CommonChannels<T> = { key, channels: names, members: new Set(), connected: 0 }
    for (const room of rooms) room.add(set)
    this.#sets.set(key, set)
    this.#idle += channels.length
    return set
  }

  #room (channel: string): Room<T> {
    const known = this.#rooms.get(channel)
    if (known !== undefined) return known
    const room = new Room<T>(ownString(channel))
    this.#rooms.set(room.channel, room)
    return room
  }

  #empty (channel: string, set: CommonChannels<T>): void {
    const room = this.#rooms.get(channel)
    room?.delete(set)
    if (room?.size === 0) this.#rooms.delete(channel)
  }
}
