// What travels on the demo's channels. Server and pages both import it, so a change here is a type error there.
import type {} from 'fastify-comet'
import type { Beat, ServerNews } from './lanes.ts'

/** The server's time, once a second. */
export interface Tick {
  /** ms since the epoch */
  time: number
}

/** One line of the chat. */
export interface Line {
  /** 1 to `LINE_LIMITS.from` characters */
  from: string
  /** 1 to `LINE_LIMITS.text` characters */
  text: string
}

/** The longest name and the longest text of a line, in characters. */
export const LINE_LIMITS = { from: 40, text: 500 } as const

/** How many lines a new chat window first shows. */
export const CHAT_HISTORY = 50

declare module 'fastify-comet' {
  interface CometChannels {
    clock: Tick
    chat: Line
    live: Beat
    server: ServerNews
  }
}
