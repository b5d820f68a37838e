/** What connections need of the options; see the options of the same names. Times in ms. */
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
  /** How often due work is looked for. */
  readonly tick: number
  /** Whether the application logs its requests. */
  readonly requestLogging: boolean
}
