import { Comet } from 'fastify-comet/client'
import { CHAT_HISTORY } from '../channels.ts'
import { chosenTransport, markSwitch, transportOptions } from '../ui/transport-choice.ts'
import { makeComposer } from '../ui/composer.ts'
import { showConnectionFigures } from '../ui/connection-figures.ts'
import { makeChatLog } from '../ui/chat-log.ts'
import { find, show } from '../ui/dom.ts'

const PREFIX = '/comet'

const choice = chosenTransport()
const comet = new Comet(PREFIX, transportOptions(choice))
const facts = showConnectionFigures(comet, PREFIX)
const log = makeChatLog(find('[data-log]'))

markSwitch(choice)
makeComposer(find<HTMLFormElement>('[data-composer]'), (line) => comet.publish('chat', line))

comet.subscribe('chat', (line) => {
  log.line(line)
  facts.message()
}, {
  history: CHAT_HISTORY,
  onGap: () => { log.note('Some messages are missing here: the server no longer has them.') }
})

comet.on('state', () => { show(find('[data-notice]'), notice()) })

function notice (): string {
  if (comet.state === 'waiting') return 'The server does not respond. This page keeps trying, with increasing pauses.'
  if (comet.state === 'closed') return 'The server has closed the connection. Reload the page to reconnect.'
  return ''
}
