// Reads the frames of an event stream that comes over fetch. A frame is JSON, so it is one line of data whatever it holds; what
// the other fields say of it, it says itself.

const DATA = 'data: '

/** Takes a stream's decoded text piece by piece, cut anywhere, and calls `dispatch` with each complete line of data. */
export function createSseParser (dispatch: (data: string) => void): (chunk: string) => void {
  let rest = ''
  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    lines.forEach((line) => { if (!line.indexOf(DATA)) dispatch(line.slice(DATA.length)) })
  }
}
