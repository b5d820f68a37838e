import type { Action, TestbedState } from '../lanes.ts'
import { find, show } from './dom.ts'
import { logError } from './log-error.ts'

export interface Controls {
  /** Shows the server's current settings. */
  show (state: TestbedState): void
}

/** Activates the sliders and buttons of the panel. */
export function makeControls (panel: HTMLElement): Controls {
  const status = find('[data-status]', panel)
  const rate = find<HTMLInputElement>('[data-control=rate]', panel)
  const size = find<HTMLSelectElement>('[data-control=size]', panel)
  const rateShown = find('[data-rate]', panel)
  let state: TestbedState | undefined

  rate.addEventListener('input', () => { show(rateShown, rate.value) })
  rate.addEventListener('change', () => { act('rate', Number(rate.value)).catch(logError) })
  size.addEventListener('change', () => { act('size', Number(size.value)).catch(logError) })
  for (const button of panel.querySelectorAll<HTMLButtonElement>('[data-action]')) {
    button.addEventListener('click', () => { press(button).catch(logError) })
  }
  return { show: showState }

  async function press (button: HTMLButtonElement): Promise<void> {
    const action = button.dataset.action as Action
    const endsNow = button.getAttribute('aria-pressed') === 'true'
    button.setAttribute('aria-busy', 'true')
    await act(action, endsNow ? 0 : undefined)
    button.removeAttribute('aria-busy')
  }

  async function act (action: Action, value?: number): Promise<void> {
    try {
      showState(await post(action, value))
      show(status, `${action}: done`)
    } catch (error) {
      show(status, `${action} failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  function showState (now: TestbedState): void {
    if (state?.rate !== now.rate) {
      rate.value = String(now.rate)
      show(rateShown, rate.value)
    }
    if (state?.size !== now.size) size.value = String(now.size)
    for (const mode of ['stall', 'buffer']) {
      showMode(find(`[data-action=${mode}]`, panel), now.mode === mode ? now.left : 0)
    }
    state = now
  }
}

function showMode (button: HTMLElement, left: number): void {
  button.setAttribute('aria-pressed', String(left > 0))
  show(find('[data-left]', button), left > 0 ? `${Math.ceil(left / 1000)} s left` : '')
}

async function post (action: Action, value?: number): Promise<TestbedState> {
  const response = await fetch(`/control/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value === undefined ? {} : { value })
  })
  const answer = await response.json() as TestbedState & { message?: string }
  if (!response.ok) throw new Error(answer.message ?? `The server answered ${response.status}`)
  return answer
}
