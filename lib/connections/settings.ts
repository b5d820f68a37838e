/** The options that connections need, see `CometOptions`. Times are in ms. */
export interface ConnectionSettings {
  readonly heartbeatInterval: number
  readonly pollTimeout: number
  readonly maxConnectionAge: number
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** bytes */
  readonly maxBufferedBytes: number
  readonly authorizeInterval: number
  readonly compress: boolean
  /** How often connections do what is due. */
  readonly tick: number
  /** Whether the application logs its requests. */
  readonly requestLogging: boolean
}
