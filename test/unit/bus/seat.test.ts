import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Receiver } from '../../../lib/bus/audience.ts'
import { Bus } from '../../../lib/bus/bus.ts'
import { memoryLog } from '../../../lib/log/memory.ts'
import type { Seat } from '../../../lib/bus/seat.ts'
import type { MessageFrame } from '../../../lib/protocol/wire.ts'
import { longPoll } from '../../../lib/transports/long-poll.ts'
import { createBus, Inbox, observer, parsed, publish, turn } from '../../fixtures/bus.ts'
import { property } from '../../fixtures/property.ts'

t.test('a seat that is left twice takes nobody else\'s place', async (t) => {
  const bus = createBus(t)
  const [one, other] = [bus.subscribe(['a']), bus.subscribe(['a'])]
  const inbox = new Inbox()
  other.attach(inbox)
  one.leave()
  one.leave()
  await publish(bus, 'a', 1)
  bus.flush()
  t.same(inbox.data, [1])
})

t.test('one that was left is not entered again', async (t) => {
  const bus = createBus(t, { historySize: 0 })
  const seat = bus.subscribe(['a'])
  const inbox = new Inbox()
  seat.leave()
  seat.attach(inbox)
  bus.subscribe(['a'])
  await publish(bus, 'a', 1)
  bus.flush()
  t.same(inbox.data, [])
})

t.test('who leaves step keeps the seat', async (t) => {
  const bus = createBus(t)
  const seat = bus.subscribe(['a'])
  const inbox = new Inbox()
  seat.attach(inbox)
  seat.detach()
  seat.detach()
  await publish(bus, 'a', 1)
  bus.flush()
  t.same(inbox.data, [])
  t.equal(bus.audiences, 1)
})

t.test('who joins while others are served gets nothing of that round', async (t) => {
  const bus = createBus(t)
  const late = new Inbox()
  const first = bus.subscribe(['a'])
  bus.subscribe(['a', 'b'])
  first.attach({
    transport: longPoll,
    deliver () {
      if (late.positions.length === 0 && first.channels.length > 0) bus.subscribe(['a', 'b']).attach(late)
      first.detach()
    },
    restart () {},
    fail () {}
  })
  await publish(bus, 'a', 1)
  bus.flush()
  t.same(late.data, [])
  await publish(bus, 'a', 2)
  bus.flush()
  t.same(late.data, [2])
})

type Reaction = 'nothing' | 'leave' | 'leave another' | 'throw' | 'publish' | 'join'

/** A receiver that does something while it is served, and notes what it got. */
class Actor implements Receiver {
  readonly transport = longPoll
  readonly seat: Seat
  readonly from: number
  readonly received: string[] = []
  readonly channels: readonly string[]
  readonly #world: World
  hasLeft = false
  reactions: Reaction[]

  constructor (world: World, channels: readonly string[], reactions: Reaction[]) {
    this.#world = world
    this.channels = channels
    this.reactions = reactions
    this.seat = world.bus.subscribe(channels)
    this.from = world.bus.position
    this.seat.attach(this)
  }

  deliver (batch: { body: Buffer }): void {
    const frames = JSON.parse(batch.body.toString()) as MessageFrame[]
    assert.ok(!this.hasLeft, 'who has left gets nothing')
    this.received.push(...frames.map(({ id }) => id))
    this.#world.react(this, this.reactions.shift() ?? 'nothing')
  }

  restart (): void {}

  fail (): void { this.leave() }

  leave (): void {
    this.hasLeft = true
    this.seat.leave()
  }
}

class World {
  readonly bus: Bus
  readonly actors: Actor[] = []
  readonly published: { id: string, channel: string }[] = []
  errors = 0

  constructor () {
    this.bus = new Bus(memoryLog(), parsed({ historySize: 0 }), observer(() => { this.errors++ }))
  }

  publish (channel: string): void {
    // The id of a message is known before it is handed out, and its promise resolves later.
    const id = this.bus.toCursor(this.bus.logPosition.end + 1)
    this.published.push({ id, channel })
    publish(this.bus, channel, 1).catch(assert.fail)
  }

  join (channels: readonly string[], reactions: Reaction[]): void {
    this.actors.push(new Actor(this, channels, reactions))
  }

  react (actor: Actor, reaction: Reaction): void {
    if (reaction === 'leave') actor.leave()
    else if (reaction === 'leave another') this.actors.find((other) => other !== actor && !other.hasLeft)?.leave()
    else if (reaction === 'throw') throw new Error('no')
    else if (reaction === 'publish') this.publish(actor.channels[0] as string)
    else if (reaction === 'join') this.join([...new Set([...actor.channels, 'b'])], [])
  }

  /** What is due on these channels after an offset. */
  due ({ channels, from }: Actor): string[] {
    const own = this.published.filter(({ channel }) => channels.includes(channel)).map(({ id }) => id)
    return own.filter((id) => (this.bus.toOffset(id) as number) > from)
  }
}

const reaction = fc.constantFrom<Reaction>('nothing', 'leave', 'leave another', 'throw', 'publish', 'join')
const reactions = fc.array(reaction, { maxLength: 3 })
const channels = fc.constantFrom(['a'], ['b'], ['a', 'b'])
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), channel: fc.constantFrom('a', 'b') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), channels, reactions }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), index: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const) }) }
)

t.test('whatever receivers do or throw while they are served, each gets its messages once', async (t) => {
  await property(t, fc.array(step, { maxLength: 40 }), async (steps) => {
    const world = new World()
    for (const step of steps) {
      if (step.do === 'publish') world.publish(step.channel)
      else if (step.do === 'join') world.join(step.channels, [...step.reactions])
      else if (step.do === 'leave') world.actors[step.index]?.leave()
      else if (step.do === 'flush') world.bus.flush()
      else await turn()
    }
    for (let i = 0; i < 20 && world.bus.position < world.bus.logPosition.end; i++) await turn()
    for (const actor of world.actors) {
      const due = world.due(actor)
      assert.deepEqual(actor.received, actor.hasLeft ? due.slice(0, actor.received.length) : due)
      actor.leave()
    }
    assert.equal(world.bus.audiences, 0)
    assert.equal(world.bus.history.channels, 0)
    await world.bus.close()
  }, { numRuns: 300 })
})
