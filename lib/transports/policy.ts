import { MAX_POLL_BYTES } from '../protocol/wire.ts'

/** Where a request wants to start, as far as a policy looks at it. */
export interface RequestedStart {
  /** Absent: the request wants what comes from now on. */
  readonly cursor?: string | undefined
  /** Channels that are new to a client that has a cursor. */
  readonly join: ReadonlySet<string>
}

/** What a connection does because of its transport: the differences between a stream and a poll, as values. */
export interface ConnectionPolicy {
  /** Whether the response ends after its first flush: such a connection is a poll, any other a stream. */
  readonly endsAfterFlush: boolean
  /**
   * Whether what a client missed is read page by page, so that clients share the pages; else a response takes all that
   * fits.
   */
  readonly readsPages: boolean
  /** The most history of joining channels that a response carries, bytes of frames. */
  readonly maxJoinBytes: number
  /** Whether the response begins with an `open` frame. A poll that has one to send is answered immediately. */
  announcesOpen (start: RequestedStart): boolean
  /** Whether `authorize` is called again while the connection lasts; else the client's next request calls it. */
  readonly isReauthorized: boolean
  /** Whether a new connection shows that its client has given up its older ones. */
  readonly supersedes: boolean
  /** The level that the end of a connection is logged at, where the application logs requests. */
  readonly endLevel: 'info' | 'debug'
}

/** The policy of a response that continues until its client leaves, or the server ends it. */
export const STREAM: ConnectionPolicy = {
  endsAfterFlush: false,
  readsPages: true,
  maxJoinBytes: Infinity,
  announcesOpen: () => true,
  isReauthorized: true,
  supersedes: false,
  // Like the request itself, the end of a stream is worth a line.
  endLevel: 'info'
}

/** The policy of a response that is held until there is something to say, and ends with it. */
export const POLL: ConnectionPolicy = {
  endsAfterFlush: true,
  readsPages: false,
  // The other half is for what its other channels have missed.
  maxJoinBytes: MAX_POLL_BYTES / 2,
  announcesOpen: ({ cursor, join }) => cursor === undefined || join.size > 0,
  isReauthorized: false,
  supersedes: true,
  endLevel: 'debug'
}
