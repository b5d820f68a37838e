import { Comet } from 'fastify-comet/client'
import type {} from '../channels.ts'
import { chosenTransport, markSwitch, transportOptions } from '../ui/transport-choice.ts'
import { enableCopy } from '../ui/copy.ts'
import { makeDial } from '../ui/dial.ts'
import { find, show } from '../ui/dom.ts'
import { showFacts } from '../ui/connection-figures.ts'
import { Pace } from '../ui/paced-queue.ts'

const PREFIX = '/comet'
// What is late arrives all at once, and still each second is to be seen.
const EACH_FOR = 100

interface Second {
  second: Date
  /** ms from its beginning to its arrival */
  late: number
}

const choice = chosenTransport()
const comet = new Comet(PREFIX, transportOptions(choice))
const facts = showFacts(comet, PREFIX)
const dial = makeDial(find('[data-dial]'))
const clock = find<HTMLTimeElement>('[data-clock]')
const day = find('[data-day]')
const delay = find('[data-delay]')
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' })
const seconds = new Pace(showSecond, EACH_FOR)

markSwitch(choice)
showCommand()
enableCopy()

comet.subscribe('clock', ({ time }) => {
  facts.message()
  seconds.push({ second: new Date(time), late: Math.max(0, Date.now() - time) })
}, { history: 1 })

function showSecond ({ second, late }: Second): void {
  show(clock, time.format(second))
  show(day, date.format(second))
  show(delay, `arrived ${late} ms after it began`)
  clock.dateTime = second.toISOString()
  dial.mark(second.getSeconds())
}

function showCommand (): void {
  const transport = choice === 'auto' ? 'eventsource' : choice
  show(find('#command'), `curl -N '${location.origin}${PREFIX}/${transport}?channel=clock'`)
}
