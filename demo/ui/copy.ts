import { find, show } from './dom.ts'
import { report } from './log-error.ts'

/** Makes each `[data-copy]` button put the text of the element that it names on the clipboard. */
export function enableCopy (): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
    const source = find(`#${button.dataset.copy}`)
    button.addEventListener('click', () => { copy(source, button).catch(report) })
  }
}

async function copy (source: HTMLElement, button: HTMLElement): Promise<void> {
  const text = source.textContent ?? ''
  try {
    await navigator.clipboard.writeText(text)
    say(button, 'Copied')
  } catch {
    // No clipboard without HTTPS or loopback, or when the user refuses: selecting the text is the next best.
    getSelection()?.selectAllChildren(source)
    say(button, 'Selected')
  }
}

function say (button: HTMLElement, word: string): void {
  show(button, word)
  setTimeout(() => show(button, 'Copy'), 1500)
}
