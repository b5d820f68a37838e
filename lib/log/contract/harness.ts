import type { MessageLog } from '../message-log.ts'
import { Recorder } from './recorder.ts'

/** A log as one node has it, and its network to the broker. */
export interface LogNode {
  /** not started yet */
  readonly log: MessageLog
  /** Cuts this node off from the broker; new connections fail, too. */
  cut? (): unknown
  /** Restores the network after `cut`. */
  mend? (): unknown
}

/** What the nodes of one test share, such as a stream of a broker; empty at first. */
export interface LogEngine {
  /** Makes a log for one more node. If the log has such an option, a publish waits at most `publishTimeout` ms. */
  createNode (publishTimeout?: number): LogNode | Promise<LogNode>
  /** Kills the broker and starts it again, with everything that it had acknowledged. */
  restart? (): Promise<void>
  /** Makes the broker forget everything. */
  forget? (): Promise<void>
  /** Removes all entries but the newest `count`. */
  trim? (count: number): Promise<void>
  /** Called when the test ends, after all logs were closed. */
  close (): Promise<void> | void
}

/** What the tests can do to a broker and its nodes beyond appending. */
export interface Abilities {
  /** `LogNode.cut` and `mend` */
  readonly cut?: boolean
  /** `LogEngine.restart` */
  readonly restart?: boolean
  /** `LogEngine.forget` */
  readonly forget?: boolean
  /** `LogEngine.trim` */
  readonly trim?: boolean
}

/** A part of the contract: its tests, by title. */
export type Contract = Record<string, (setting: Setting) => Promise<void>>

/** What a test is given: the broker, and a function that starts a node. */
export type Setting = readonly [broker: LogEngine, start: (publishTimeout?: number) => Promise<StartedNode>]

/** A node whose log has loaded, and what the log has passed to it. */
export interface StartedNode extends Required<LogNode> {
  readonly reader: Recorder
}

/** Runs a test with nodes that are started, and closes them and the broker when it ends. */
export async function withNodes (
  createEngine: () => Promise<LogEngine> | LogEngine,
  run: (setting: Setting) => Promise<void>
): Promise<void> {
  const broker = await createEngine()
  const logs: MessageLog[] = []
  try {
    const start = async (publishTimeout?: number): Promise<StartedNode> => {
      const { log, cut = unable, mend = unable } = await broker.createNode(publishTimeout)
      logs.push(log)
      const reader = new Recorder()
      log.start(reader)
      await reader.until(() => reader.loads > 0)
      return { log, cut, mend, reader }
    }
    await run([broker, start])
  } finally {
    await Promise.all(logs.map((log) => log.close()))
    await broker.close()
  }
}

function unable (): never {
  throw new Error('the nodes of this broker cannot be cut off')
}
