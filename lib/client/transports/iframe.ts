import type { Prepared } from '../request.ts'
import { originOf, receive, type Transport } from './transport.ts'

/**
 * A hidden iframe whose document never ends and posts a frame with each piece. It has no end of its own: neither `load`
 * nor `error` tells whether it lives, only its frames do.
 */
export const iframe: Transport = (request, handlers) => {
  const page = request.settings.env as unknown as Window
  const origin = originOf(request.settings)
  let frame: HTMLIFrameElement | null = null
  let timer: number | undefined
  // Earlier than this, the tab shows itself loading for ever and `load` never fires.
  if (page.document.readyState === 'complete') later()
  else page.addEventListener('load', later)
  return close

  function later () {
    timer = page.setTimeout(() => { request.prepare('stream', request.cursor, create) }, 0)
  }

  function create (prepared: Prepared) {
    frame = page.document.createElement('iframe')
    frame.title = 'comet'
    frame.tabIndex = -1
    frame.setAttribute('aria-hidden', 'true')
    frame.style.display = 'none'
    // Set before it is in the document, and never again: each later change would be an entry in the history.
    frame.src = prepared.url
    page.addEventListener('message', onMessage)
    page.document.body.appendChild(frame)
  }

  function onMessage (event: MessageEvent) {
    if (frame && event.source === frame.contentWindow && event.origin === origin) receive(handlers, event.data)
  }

  function close () {
    page.clearTimeout(timer)
    page.removeEventListener('load', later)
    page.removeEventListener('message', onMessage)
    if (frame && frame.parentNode) frame.parentNode.removeChild(frame)
  }
}
