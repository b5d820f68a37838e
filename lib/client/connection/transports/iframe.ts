import { DOCUMENT_END } from '../../../protocol/wire.ts'
import { networkFailure } from '../failure.ts'
import { attempt } from '../../browser/env.ts'
import { receive } from '../frames.ts'
import type { TransportContext, Transport } from './transport.ts'

/**
 * A hidden iframe whose document never ends and posts a frame with each piece. Where the document does end, its script says
 * so, but Chromium does not let it when the connection was cut: neither `load` nor `error` tells whether it lives, only its
 * frames do.
 */
export const iframe: Transport = (wire) => {
  const page = wire.settings.env as unknown as Window
  const start = () => {
    page.removeEventListener('load', start)
    page.setTimeout(() => { create(wire, page) }, 0)
  }
  // Earlier than this, the tab shows itself loading for ever and `load` never fires.
  if (page.document.readyState === 'complete') start()
  else page.addEventListener('load', start)
}

function create ({ settings, channelSet, request, frame, end }: TransportContext, page: Window): void {
  const { document } = page
  request(channelSet.request, ({ url }) => {
    const element = document.createElement('iframe')
    const origin = originOf(absolute(document, settings.url))
    const listener = (event: MessageEvent) => {
      if (event.source !== element.contentWindow || event.origin !== origin) return
      if (event.data === DOCUMENT_END) end(networkFailure())
      else receive(event.data, frame)
    }
    element.style.display = 'none'
    // Set before it is in the document, and never again: each later change would be an entry in the history.
    element.src = url
    page.addEventListener('message', listener)
    document.body.appendChild(element)
    return () => {
      page.removeEventListener('message', listener)
      // The page may have taken it away.
      attempt(() => document.body.removeChild(element))
    }
  })
}

/** A URL, taken apart as the browser does it. */
export function absolute (document: Document, url: string): HTMLAnchorElement {
  const link = document.createElement('a')
  link.href = url
  return link
}

/** The server's origin, or the page's. */
export function originOf ({ protocol, host }: HTMLAnchorElement | Location): string {
  return protocol + '//' + host
}
