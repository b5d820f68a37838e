// The data on the demo's channels. Server and pages import the same types, so that a change here is checked in both.
import type {} from 'fastify-comet'
import type { LiveMessage, ServerStatus } from './lanes.ts'

/** The server's time, once a second. */
export interface ClockTick {
  /** ms since the epoch */
  time: number
}

/** One line of the chat. */
export interface ChatLine {
  /** 1 to `CHAT_LINE_LIMITS.from` characters */
  from: string
  /** 1 to `CHAT_LINE_LIMITS.text` characters */
  text: string
}

/** The maximum lengths of a line's name and text, in characters. */
export const CHAT_LINE_LIMITS = { from: 40, text: 500 } as const

/** The number of lines that a new chat window shows first. */
export const CHAT_HISTORY = 50

declare module 'fastify-comet' {
  interface CometChannels {
    clock: ClockTick
    chat: ChatLine
    live: LiveMessage
    server: ServerStatus
  }
}
