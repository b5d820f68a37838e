import { Comet } from 'fastify-comet/client'
import type {} from '../channels.ts'
import { chosenTransport, markSwitch, transportOptions } from '../ui/choice.ts'
import { enableCopy } from '../ui/copy.ts'
import { makeDial } from '../ui/dial.ts'
import { find, show } from '../ui/dom.ts'
import { showFacts } from '../ui/facts.ts'

const PREFIX = '/comet'

const choice = chosenTransport()
const comet = new Comet(PREFIX, transportOptions(choice))
const facts = showFacts(comet, PREFIX)
const dial = makeDial(find('[data-dial]'))
const clock = find<HTMLTimeElement>('[data-clock]')
const day = find('[data-day]')
const delay = find('[data-delay]')
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' })

markSwitch(choice)
showCommand()
enableCopy()

comet.subscribe('clock', (tick) => {
  const now = new Date(tick.time)
  show(clock, time.format(now))
  show(day, date.format(now))
  show(delay, `arrived ${Math.max(0, Date.now() - tick.time)} ms after it was said`)
  clock.dateTime = now.toISOString()
  dial.mark(now.getSeconds())
  facts.message()
}, { history: 1 })

function showCommand (): void {
  const transport = choice === 'auto' ? 'eventsource' : choice
  show(find('#command'), `curl -N '${location.origin}${PREFIX}/${transport}?channel=clock'`)
}
