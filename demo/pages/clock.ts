import { Comet } from 'fastify-comet/client'
import type {} from '../channels.ts'
import { chosenTransport, markSwitch, transportOptions } from '../ui/transport-choice.ts'
import { enableCopy } from '../ui/copy.ts'
import { makeDial } from '../ui/dial.ts'
import { find, show } from '../ui/dom.ts'
import { showConnectionFigures } from '../ui/connection-figures.ts'
import { PacedQueue } from '../ui/paced-queue.ts'

const PREFIX = '/comet'
// Delayed seconds arrive together, but each one should be visible.
const MIN_SHOWN = 100

interface Second {
  second: Date
  /** ms from its beginning to its arrival */
  delay: number
}

const choice = chosenTransport()
const comet = new Comet(PREFIX, transportOptions(choice))
const facts = showConnectionFigures(comet, PREFIX)
const dial = makeDial(find('[data-dial]'))
const clock = find<HTMLTimeElement>('[data-clock]')
const day = find('[data-day]')
const delay = find('[data-delay]')
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' })
const seconds = new PacedQueue(showSecond, MIN_SHOWN)

markSwitch(choice)
showCommand()
enableCopy()

comet.subscribe('clock', ({ time }) => {
  facts.message()
  seconds.push({ second: new Date(time), delay: Math.max(0, Date.now() - time) })
}, { history: 1 })

function showSecond ({ second, delay: ms }: Second): void {
  show(clock, time.format(second))
  show(day, date.format(second))
  show(delay, `arrived ${ms} ms after it began`)
  clock.dateTime = second.toISOString()
  dial.mark(second.getSeconds())
}

function showCommand (): void {
  const transport = choice === 'auto' ? 'eventsource' : choice
  show(find('#command'), `curl -N '${location.origin}${PREFIX}/${transport}?channel=clock'`)
}
