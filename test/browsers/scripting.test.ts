// What a publisher or a subscriber may write is never run: not in the page, not in the frame, not as a document.
import t from 'tap'
import type { CometOptions } from '../../lib/client/index.ts'
import { engines } from '../fixtures/browsers.ts'
import { servePages, type Seen } from '../fixtures/client-pages.ts'
import { needs } from '../fixtures/requirement.ts'

declare const seen: Seen
declare const comet: {
  readonly state: string
  on (event: 'denied', listener: (value: { channels: string[] }) => void): void
  subscribe (channel: string, listener: (data: unknown) => void): void
}
declare function watch (options: CometOptions): void

// The ways in, after https://cheatsheetseries.owasp.org/cheatsheets/XSS_Filter_Evasion_Cheat_Sheet.html
const ATTACKS = [
  '<script>top.hacked=1</script>',
  '</script><script>top.hacked=1</script>',
  '<SCRIPT SRC=data:text/javascript,top.hacked=1></SCRIPT>',
  '--><script>top.hacked=1</script><!--',
  '<!--<script>top.hacked=1//',
  ']]><script>top.hacked=1</script>',
  '"><script>top.hacked=1</script>',
  "'><img src=x onerror=top.hacked=1>",
  '<img src=x onerror="top.hacked=1">',
  '<img/src/onerror=top.hacked=1>',
  '<svg/onload=top.hacked=1>',
  '<svg><script>top.hacked=1</script></svg>',
  '<body onload=top.hacked=1>',
  '<input autofocus onfocus=top.hacked=1>',
  '<details open ontoggle=top.hacked=1>',
  '<iframe srcdoc="<script>top.hacked=1</script>"></iframe>',
  '<iframe src="javascript:top.hacked=1"></iframe>',
  '<object data="javascript:top.hacked=1"></object>',
  '<meta http-equiv=refresh content="0;url=javascript:top.hacked=1">',
  '<base href="javascript:top.hacked=1//">',
  '</textarea></title></style><script>top.hacked=1</script>',
  '<math><mtext><style><img src onerror=top.hacked=1></style></mtext></math>',
  '<scr<script>ipt>top.hacked=1</scr</script>ipt>',
  '&lt;script&gt;top.hacked=1&lt;/script&gt;',
  '&#60;script&#62;top.hacked=1&#60;/script&#62;',
  '%3Cscript%3Etop.hacked=1%3C/script%3E',
  '\\u003cscript\\u003etop.hacked=1\\u003c/script\\u003e',
  '+ADw-script+AD4-top.hacked=1+ADw-/script+AD4-',
  'javascript:top.hacked=1',
  '{{constructor.constructor("top.hacked=1")()}}'
]
const denied = ATTACKS.filter((_, index) => index % 2 === 1)
const allowed = ATTACKS.filter((_, index) => index % 2 === 0)

for (const engine of engines) {
  t.test(`${engine.name} runs nothing that comes over a channel`, async (t) => {
    if (!needs(t, engine.name)) return
    const { app, origin } = await servePages(t, {
      authorize: (_request, { channels }) => ({ channels: channels.filter((channel) => !denied.includes(channel)) })
    })
    const browser = await engine.launch()
    t.teardown(() => browser.close())

    t.test('where it is run, this test sees it', async (t) => {
      const page = await browser.open(`${origin}/other`)
      await page.evaluate((attack) => { document.body.innerHTML = attack }, '<img src=x onerror="top.hacked=1">')
      t.ok(await page.waitFor(() => 'hacked' in window))
      await page.goto(`${origin}/other`)
    })

    for (const transport of ['iframe', 'eventsource', 'long-poll'] as const) {
      t.test(`over ${transport}: in data, keys and channel names, let in or not`, async (t) => {
        const page = await browser.open(`${origin}/module`)
        await page.waitFor(() => 'Comet' in window)
        await page.evaluate((transport, names) => {
          watch({ transports: [transport] })
          comet.on('denied', ({ channels }) => { seen.states.push(...channels) })
          for (const name of names) comet.subscribe(name, (data) => { seen.data.push(data) })
        }, transport, ATTACKS)
        await page.waitFor(() => comet.state === 'open')
        await page.waitFor((count: number) =>
          seen.states.filter((state) => state.includes('hacked')).length >= count, {}, denied.length)
        for (const text of ATTACKS) await app.comet.publish('a', { [text]: text })
        for (const channel of allowed) await app.comet.publish(channel, channel)
        await page.waitFor((count: number) => seen.data.length >= count, {}, ATTACKS.length + allowed.length)
        t.same(await page.evaluate(() =>
          seen.data), [...ATTACKS.map((text) => ({ [text]: text })), ...allowed], 'it arrives as it was sent')
        t.notOk(await page.evaluate(() => 'hacked' in window))
        await page.goto(`${origin}/other`)
      })

      t.test(`over ${transport}: in what a request asks for, and what the answer says of it`, async (t) => {
        const page = await browser.open(`${origin}/other`)
        // A document has loaded when it has ended, and streams do not end by themselves.
        const ending = setInterval(() => { app.comet.disconnect({ channel: 'b' }) }, 50)
        t.teardown(() => { clearInterval(ending) })
        for (const key of ['channel', 'cursor', 'history', 'join', 'client', 'origin']) {
          const given = ATTACKS.slice(0, 3)
            .map((text) => `${origin}/comet/${transport}?channel=b&cursor=x-1&${key}=${encodeURIComponent(text)}`)
          const statuses = await page.evaluate(async (urls) => await Promise.all(urls.map(async (url) => {
            const answered = await fetch(url)
            await answered.body?.cancel()
            const frame = document.body.appendChild(document.createElement('iframe'))
            frame.src = url
            await new Promise((resolve) => { frame.onload = resolve })
            frame.remove()
            return answered.status
          })), given)
          t.ok(statuses.every((status) => [200, 400, 403].includes(status)), `${key}: ${statuses.join()}`)
        }
        t.notOk(await page.evaluate(() => 'hacked' in window))
        await page.goto(`${origin}/other`)
      })
    }
  })
}
