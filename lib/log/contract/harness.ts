import type { MessageLog } from '../message-log.ts'
import { Recorder } from './recorder.ts'

/** A log as one node has it, and its way to the engine. */
export interface LogNode {
  /** not started yet */
  readonly log: MessageLog
  /** Cuts this node off from the engine; new connections fail, too. */
  cut? (): unknown
  /** Undoes `cut`. */
  mend? (): unknown
}

/** What logs of several nodes share, or the place of a log that is shared with nobody; empty at first. */
export interface LogEngine {
  /** A log of one more node. A publish waits for an engine that is away for `publishTimeout` ms, where the log can say so. */
  createNode (publishTimeout?: number): LogNode | Promise<LogNode>
  /** Kills the engine and starts it again with all that it had acknowledged. */
  restart? (): Promise<void>
  /** The engine has forgotten everything. */
  forget? (): Promise<void>
  /** Lets the oldest entries go, all but the newest `count`. */
  trim? (count: number): Promise<void>
  close (): Promise<void> | void
}

/** What an engine is able to do beyond carrying messages. */
export interface Abilities {
  /** its nodes can be cut off */
  readonly cut?: boolean
  readonly restart?: boolean
  readonly forget?: boolean
  readonly trim?: boolean
}

/** A part of the contract: its tests, by title. */
export type Contract = Record<string, (setting: Setting) => Promise<void>>

/** What a test is given: the engine, and what starts a node. */
export type Setting = readonly [engine: LogEngine, start: (publishTimeout?: number) => Promise<StartedNode>]

export interface StartedNode extends Required<LogNode> {
  readonly reader: Recorder
}

/** Gives a test nodes that are started, and closes them and the engine when it ends. */
export async function withEngine (createEngine: () => Promise<LogEngine> | LogEngine, run: (setting: Setting) => Promise<void>): Promise<void> {
  const engine = await createEngine()
  const logs: MessageLog[] = []
  try {
    const start = async (publishTimeout?: number): Promise<StartedNode> => {
      const { log, cut = unable, mend = unable } = await engine.createNode(publishTimeout)
      logs.push(log)
      const reader = new Recorder()
      log.start(reader)
      await reader.until(() => reader.loads > 0)
      return { log, cut, mend, reader }
    }
    await run([engine, start])
  } finally {
    await Promise.all(logs.map((log) => log.close()))
    await engine.close()
  }
}

function unable (): never {
  throw new Error('This engine cannot cut a node off')
}
