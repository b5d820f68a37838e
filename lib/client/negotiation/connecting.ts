// What happens until the carrier has spoken: the race between a stream and a poll, and finding out why the stream
// fails.

import { blockedError, timeoutError } from '../connection/failure.ts'
import { MAX_STRIKES, mayPoll, recordFailure, type Memory } from './memory.ts'
import { onCarrierFrame } from './open.ts'
import type { EventOf, NegotiationState, Slot, StateOf, Timer } from './state.ts'
import {
  createSlot, createState, createTimer, GIVE_UP, handleFailure, isStream, markOpen, promote, scheduleRetry
} from './steps.ts'

type Racing = StateOf<'racing'>
type Answered = StateOf<'answered'>
type Overdue = StateOf<'overdue'>
type Diagnosing = StateOf<'diagnosing'>

/** The silence after which a poll is sent beside the first stream, in ms. */
const RACE_DELAY = 200
/** The shortest deadline that a quick poll can lead to, in ms. */
const MIN_DEADLINE = 500

/** How long a stream may take until its first frame, in ms, once the round trip of a poll is known. */
export function deadlineFor (timeout: number, roundTrip: number): number {
  return Math.max(Math.min(MIN_DEADLINE, timeout), Math.min(timeout, 4 * roundTrip), 2 * roundTrip)
}

/**
 * The carrier's request is sent: its time begins. A stream that starts at a cursor gets no poll beside it, which would
 * be held just as long.
 */
export function onOpened (memory: Memory, { carrier }: Racing, { isPositioned }: EventOf<'opened'>): Racing {
  const { timeout } = memory
  const isRace = isStream(carrier) && !isPositioned && mayPoll(memory)
  return createState('racing', carrier, isRace
    ? createTimer(memory, 'race', Math.min(RACE_DELAY, timeout))
    : createTimer(memory, 'deadline', timeout))
}

/** The stream is silent: a poll is sent beside it. What is left of the stream's time is its deadline. */
export function onRace (memory: Memory, { carrier }: Racing): Racing {
  const deadline = createTimer(memory, 'deadline', memory.timeout - RACE_DELAY)
  return createState('racing', carrier, deadline, createPoll(memory))
}

/** The carrier opens the session. */
export function onFirstFrame (
  memory: Memory, { carrier }: Racing | Answered | Overdue, event: EventOf<'frame'>
): NegotiationState {
  return onCarrierFrame(memory, markOpen(memory, carrier), event)
}

/** The poll is answered first: the server is there, and on a quick network the stream has less time. */
export function onPollFrame (memory: Memory, state: Racing, { elapsed }: EventOf<'frame'>): Racing | Answered {
  const { carrier, candidate } = state
  const deadline = deadlineFor(memory.timeout, elapsed) - elapsed - RACE_DELAY
  return candidate ? createState('answered', carrier, createTimer(memory, 'deadline', deadline), candidate) : state
}

/** Without its poll, the stream may still speak: at its deadline another poll is sent. */
export function onPollEnd (
  memory: Memory, { carrier, carrierTimer }: Racing | Answered, { end }: EventOf<'end'>
): NegotiationState {
  return end.fromServer ? handleFailure(memory, end) : createState('racing', carrier, carrierTimer)
}

/** The carrier is late. If it is a stream, a poll shows whether the server is there. */
export function onDeadline (memory: Memory, { carrier, candidate }: Racing): Overdue {
  const poll = candidate || (isStream(carrier) ? createPoll(memory) : undefined)
  return createState('overdue', carrier, giveUp(memory), poll)
}

/** The carrier is late, and the poll carries the messages. */
export function onAnsweredDeadline (memory: Memory, { carrier, candidate }: Answered): NegotiationState {
  return promote(memory, carrier, candidate)
}

/** The carrier has broken before it spoke. If the server has not answered either, a poll finds out why. */
export function onCarrierEnd (
  memory: Memory, { kind, carrier, candidate }: Racing | Answered | Overdue, { end }: EventOf<'end'>
): NegotiationState {
  if (end.fromServer || !isStream(carrier)) return handleFailure(memory, end)
  const next = createState('diagnosing', undefined, giveUp(memory), candidate || createPoll(memory))
  return kind === 'answered' ? onDiagnosis(memory, next) : next
}

/** Both are late, and the poll is the first to speak. */
export function onOverduePoll (memory: Memory, state: Overdue): NegotiationState {
  const { carrier, carrierTimer, candidate } = state
  if (!candidate) return state
  if (mayPoll(memory)) return promote(memory, carrier, candidate)
  blockStream(memory)
  // The stream may still speak.
  return createState('overdue', carrier, carrierTimer)
}

/** The stream has failed, and the server is there. The poll takes its place, if polls may carry messages. */
export function onDiagnosis (memory: Memory, { candidate }: Diagnosing): NegotiationState {
  if (mayPoll(memory)) {
    // A stream that breaks is worth another try: this counts as one of its failures.
    recordFailure(memory, memory.tried)
    return markOpen(memory, candidate)
  }
  blockStream(memory)
  return scheduleRetry(memory)
}

/** Nothing has answered. */
export function onGiveUp (memory: Memory): NegotiationState {
  return handleFailure(memory, { error: memory.failure || timeoutError() })
}

/** Polls would get through but may not carry messages: another stream is tried next time. */
function blockStream (memory: Memory): void {
  memory.strikes[memory.tried] = MAX_STRIKES
  memory.failure = blockedError()
}

function createPoll (memory: Memory): Slot {
  return createSlot(memory, 'long-poll', 'carry')
}

function giveUp (memory: Memory): Timer<'giveUp'> {
  return createTimer(memory, 'giveUp', GIVE_UP)
}
