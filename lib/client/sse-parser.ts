// An incremental parser of text/event-stream (HTML Living Standard, 9.2.6), for streams that are read with fetch.

export interface ServerSentEvent {
  type: string
  data: string
  /** The last id, as of this event: an id counts only once its event was dispatched. */
  id: string
}

/** Takes a stream's decoded text piece by piece, cut anywhere. (A byte order mark is the decoder's to remove.) */
export class SseParser {
  private readonly dispatch: (event: ServerSentEvent) => void
  private rest = ''
  private isAfterReturn = false
  private type = ''
  private data: string[] = []
  private id = ''

  /** `dispatch` is called for each complete event. */
  constructor (dispatch: (event: ServerSentEvent) => void) {
    this.dispatch = dispatch
  }

  push (chunk: string): void {
    if (!chunk) return
    // The second half of a CRLF that was cut in two ends no line.
    const text = this.isAfterReturn ? chunk.replace(/^\n/, '') : chunk
    this.isAfterReturn = /\r$/.test(chunk)
    const lines = (this.rest + text).split(/\r\n|\r|\n/)
    this.rest = lines.pop() as string
    lines.forEach((line) => { this.line(line) })
  }

  private line (line: string): void {
    const [, name, value] = /^([^:]*):? ?([^]*)$/.exec(line) as unknown as [string, string, string]
    if (name === 'data') this.data.push(value)
    else if (name === 'event') this.type = value
    else if (name === 'id' && value.indexOf('\0') < 0) this.id = value
    if (line) return
    if (this.data.length) this.dispatch({ type: this.type || 'message', data: this.data.join('\n'), id: this.id })
    this.type = ''
    this.data = []
  }
}
