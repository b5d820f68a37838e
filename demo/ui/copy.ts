import { find, show } from './dom.ts'
import { logError } from './log-error.ts'

/** Makes each `[data-copy]` button copy the text of the element that it names. */
export function enableCopy (): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
    const source = find(`#${button.dataset.copy}`)
    button.addEventListener('click', () => { copy(source, button).catch(logError) })
  }
}

async function copy (source: HTMLElement, button: HTMLElement): Promise<void> {
  const text = source.textContent ?? ''
  try {
    await navigator.clipboard.writeText(text)
    showBriefly(button, 'Copied')
  } catch {
    // Without HTTPS or loopback, or without the user's permission, there is no clipboard: select the text instead.
    getSelection()?.selectAllChildren(source)
    showBriefly(button, 'Selected')
  }
}

function showBriefly (button: HTMLElement, word: string): void {
  show(button, word)
  setTimeout(() => show(button, 'Copy'), 1500)
}
