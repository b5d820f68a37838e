import { Comet } from 'fastify-comet/client'
import { CHAT_HISTORY } from '../channels.ts'
import { chosenTransport, markSwitch, transportOptions } from '../ui/transport-choice.ts'
import { makeComposer } from '../ui/composer.ts'
import { showFacts } from '../ui/connection-figures.ts'
import { makeLog } from '../ui/chat-log.ts'
import { find, show } from '../ui/dom.ts'

const PREFIX = '/comet'

const choice = chosenTransport()
const comet = new Comet(PREFIX, transportOptions(choice))
const facts = showFacts(comet, PREFIX)
const log = makeLog(find('[data-log]'))

markSwitch(choice)
makeComposer(find<HTMLFormElement>('[data-composer]'), (line) => comet.publish('chat', line))

comet.subscribe('chat', (line) => {
  log.line(line)
  facts.message()
}, {
  history: CHAT_HISTORY,
  onGap: () => { log.note('Some lines are missing here: the server no longer has them.') }
})

comet.on('state', () => { show(find('[data-notice]'), notice()) })

function notice (): string {
  if (comet.state === 'waiting') return 'The server does not answer. This page keeps trying, with longer and longer pauses.'
  if (comet.state === 'closed') return 'The server has ended this conversation. Reload the page to come back.'
  return ''
}
