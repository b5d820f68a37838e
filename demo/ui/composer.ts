import { LINE_LIMITS } from '../channels.ts'
import type { Line } from '../channels.ts'
import { find, show } from './dom.ts'
import { recall, remember } from './storage.ts'

const NAME_KEY = 'comet-demo-name'

/**
 * The form in which lines are typed. Lines leave one after the other, so that they arrive in the order in which they
 * were typed; a line that was refused or got lost on the way comes back into the form, with the reason.
 */
export function makeComposer (form: HTMLFormElement, send: (line: Line) => Promise<string>): void {
  const from = find<HTMLInputElement>('input[name=from]', form)
  const text = find<HTMLInputElement>('input[name=text]', form)
  const problem = find('[data-problem]', form)
  let queue: Promise<void> = Promise.resolve()

  from.maxLength = LINE_LIMITS.from
  text.maxLength = LINE_LIMITS.text
  from.value = recall(NAME_KEY)
  form.addEventListener('submit', submit)

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    const line = { from: from.value.trim(), text: text.value.trim() }
    const missing = line.from === '' ? from : line.text === '' ? text : null
    if (missing !== null) return complain(missing)
    show(problem, '')
    remember(NAME_KEY, line.from)
    text.value = ''
    text.focus()
    queue = queue.then(() => deliver(line))
  }

  function complain (field: HTMLInputElement): void {
    show(problem, field === from ? 'Who is speaking? Please type a name.' : 'Please type something to say.')
    field.focus()
  }

  async function deliver (line: Line): Promise<void> {
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
