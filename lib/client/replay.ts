// The history of a channel that is carried already, for one subscriber who comes late. It is fetched by polls of its own;
// ids cannot be compared, so the carrier's messages are held until both have delivered the same one.

import type { Frame, MessageFrame } from '../protocol.ts'
import { dictionary, type Dictionary } from './dictionary.ts'
import { positionAfter, type End } from './transports/transport.ts'

/** A history on its way to one subscriber, and what the carrier delivers meanwhile. */
export interface Replay {
  /** Takes a message of the carrier. */
  take (message: MessageFrame): void
  close (): void
}

/** Polls once, at the cursor (null: for the history), and calls `done` with the frames. Returns its undo. */
export type Fetch = (cursor: string | null, done: (result: Frame[] | End) => void) => () => void

export function createReplay (fetch: Fetch, deliver: (message: MessageFrame) => void, later: (task: () => void) => void): Replay {
  /** What the polls have delivered. Null: of no use any more. */
  let delivered: Dictionary<true> | null = dictionary()
  /** The carrier has delivered something that the polls had. */
  let met = false
  let held: MessageFrame[] = []
  let cursor: string | null = null
  let undo: (() => void) | null = null
  let failing = false
  let isOpen = true
  ask()

  return { take, close }

  function take (message: MessageFrame) {
    if (!isOpen) return
    if (!delivered) return deliver(message)
    const known = delivered[message.id]
    if (met && known) return
    if (met) {
      // The first beyond the polls: all that comes after it is new too.
      delivered = null
      return deliver(message)
    }
    if (!known) held.push(message)
    if (known) meet()
    else if (!undo && !failing) ask()
  }

  function ask () {
    undo = fetch(cursor, answered)
  }

  function answered (result: Frame[] | End) {
    undo = null
    if (!isOpen) return
    if (!Array.isArray(result)) return failed(result)
    result.forEach(function (frame) {
      cursor = positionAfter(frame) || cursor
      if (frame.type !== undefined || !isOpen || !delivered) return
      delivered[frame.id] = true
      deliver(frame)
    })
    settle()
  }

  // Without its history, a subscriber still has what comes from here on.
  function failed (end: End) {
    failing = !end.fatal
    if (failing) return later(retry)
    met = true
    settle()
  }

  function retry () {
    failing = false
    if (isOpen && !met) ask()
  }

  function settle () {
    const waiting = held
    held = []
    waiting.forEach(take)
  }

  // What is held from before is older than the history that was asked for.
  function meet () {
    met = true
    held = []
    stop()
  }

  function stop () {
    if (undo) undo()
    undo = null
  }

  function close () {
    isOpen = false
    stop()
  }
}
