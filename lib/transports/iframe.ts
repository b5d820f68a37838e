import { createHash } from 'node:crypto'
import { escape } from './escape.ts'
import { STREAM } from './policy.ts'
import { DOCUMENT_END } from '../protocol/wire.ts'
import type { WireFrame } from './frames.ts'
import type { Transport } from './transport.ts'

// Takes each completed block out of the document and posts its text to the parent. A block is complete once something
// follows it, or once its text is JSON, which no part of an object is: Firefox may hold back what follows a script
// until more arrives. The end of the document is the end of the connection. The script is ES5; without a
// MutationObserver it looks every 50 ms.
/* eslint-disable max-len -- policies of applications contain the hash of this text */
const BOOTSTRAP = `(function () {
  var root = document.documentElement
  var origin = root.getAttribute('data-origin') || location.protocol + '//' + location.host
  function take () {
    var block
    while ((block = document.querySelector('script[type="application/json"]')) && (block.nextSibling || isWhole(block.textContent))) {
      var text = block.textContent
      while (block.previousSibling) block.parentNode.removeChild(block.previousSibling)
      block.parentNode.removeChild(block)
      parent.postMessage(text, origin)
    }
  }
  function isWhole (text) {
    try {
      return !!JSON.parse(text)
    } catch (error) {
      return false
    }
  }
  function over () {
    take()
    parent.postMessage('${DOCUMENT_END}', origin)
  }
  document.addEventListener('DOMContentLoaded', over)
  if (window.MutationObserver) new MutationObserver(take).observe(root, { childList: true, characterData: true, subtree: true })
  else setInterval(take, 50)
})()`
/* eslint-enable max-len */

// WebKit holds back the first 512 bytes; without a charset, both WebKit and Firefox hold back the first 1024.
const PADDING = `<!--${' '.repeat(1024)}-->`

const HASH = createHash('sha256').update(BOOTSTRAP).digest('base64')
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024

/** An endless document in a hidden iframe: each frame is an inert block of JSON, which one static script posts. */
export const iframe: Transport = {
  name: 'iframe',
  policy: STREAM,
  maxBytes: MAX_DOCUMENT_BYTES,
  refusal: 'status',
  // The parent of a frame cannot read its status.
  errorAs: 'document',
  takesOrigin: true,
  headers: ({ origin }) => ({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; script-src 'sha256-${HASH}'; ` +
      `frame-ancestors ${origin === '' ? "'self'" : origin}; base-uri 'none'`,
    'content-security-policy-report-only': undefined,
    'x-frame-options': undefined
  }),
  preamble: ({ origin }) => `<!doctype html><html data-origin="${origin}">` +
    `<head><meta charset="utf-8"><title>comet</title><script>${BOOTSTRAP}</script></head><body>${PADDING}\n`,
  encode (frames) {
    let text = ''
    for (const frame of frames) text += block(frame)
    return text
  }
}

// Inside a script element only "</script" and "<!--" mean anything to the parser, and neither is left without a "<".
function block ({ json }: WireFrame): string {
  return `<script type="application/json">${json.replace(UNSAFE, escape)}</script>\n`
}

const UNSAFE = /[<\u2028\u2029]/g
