import { CHAT_LINE_LIMITS } from '../channels.ts'
import type { ChatLine } from '../channels.ts'
import { find, show } from './dom.ts'
import { loadText, saveText } from './storage.ts'

const NAME_KEY = 'comet-demo-name'

/**
 * The form for typing lines. Lines are sent one after the other, so that they arrive in the order in which they were
 * typed. A line that could not be sent is put back into the form, with the reason.
 */
export function makeComposer (form: HTMLFormElement, send: (line: ChatLine) => Promise<string>): void {
  const from = find<HTMLInputElement>('input[name=from]', form)
  const text = find<HTMLInputElement>('input[name=text]', form)
  const problem = find('[data-problem]', form)
  let queue: Promise<void> = Promise.resolve()

  from.maxLength = CHAT_LINE_LIMITS.from
  text.maxLength = CHAT_LINE_LIMITS.text
  from.value = loadText(NAME_KEY)
  form.addEventListener('submit', submit)

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    const line = { from: from.value.trim(), text: text.value.trim() }
    const missing = line.from === '' ? from : line.text === '' ? text : null
    if (missing !== null) return complain(missing)
    show(problem, '')
    saveText(NAME_KEY, line.from)
    text.value = ''
    text.focus()
    queue = queue.then(() => deliver(line))
  }

  function complain (field: HTMLInputElement): void {
    show(problem, field === from ? 'Please enter your name.' : 'Please enter a message.')
    field.focus()
  }

  async function deliver (line: ChatLine): Promise<void> {
    try {
      await send(line)
    } catch (error) {
      show(problem, `Not sent: ${reason(error)}`)
      if (text.value === '') text.value = line.text
    }
  }
}

function reason (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
