// Draws the plots of docs/PERFORMANCE.md: how the cost grows.
import { mkdir, writeFile } from 'node:fs/promises'
import { alternate } from './alternate.js'
import { calibrate } from './calibrate.js'
import { chart } from './chart.js'
import { get } from './clients/dialects.js'
import { requests } from './clients/requests.js'
import { Contender } from './contender.js'
import { opening } from './groups/connections.js'
import { summary } from './statistics.js'

const FOLDER = new URL('../docs/images/', import.meta.url)
const CPU = 'CPU per delivery, µs'
const kinds = { net: 'net', eventsource: 'comet', iframe: 'comet' }

const all = {
  subscribers: { title: 'One message per tick, by subscribers', x: 'subscribers', y: CPU, measure: subscribers },
  burst: {
    title: '1000 subscribers, by messages per tick',
    x: 'messages per tick',
    y: CPU,
    logarithmic: true,
    measure: bursts
  },
  size: { title: '1000 subscribers, by size of the message', x: 'bytes of JSON', y: CPU, measure: sizes },
  channels: { title: '1000 subscribers, spread over channels', x: 'channels', y: CPU, measure: channels },
  history: {
    title: 'A resuming client, by messages missed',
    x: 'messages missed',
    y: 'CPU per client, µs',
    measure: history
  }
}

/** Measures and draws all plots, or those named in `only`. */
export async function plots ({ runs, budget, settle, only = Object.keys(all) }) {
  await mkdir(FOLDER, { recursive: true })
  for (const name of only) {
    const { measure, ...content } = all[name]
    await draw(name, { ...content, series: await measure({ runs, settle, budget: budget / 2 }) })
  }
}

async function draw (name, content) {
  await writeFile(new URL(`bench-${name}.svg`, FOLDER), chart(content))
  for (const { name: line, points } of content.series) {
    console.log(name, line, points.map(([x, y]) => `${x}: ${y}`).join(', '))
  }
}

async function subscribers (settings) {
  const contenders = await start(['net', 'eventsource'])
  const series = lines(contenders)
  for (const count of [1, 10, 100, 1000, 5000]) {
    for (const { clients } of contenders) await clients.open(count - clients.count)
    await point(series, contenders, count, {}, settings)
  }
  return finish(series, contenders)
}

async function bursts (settings) {
  const contenders = await start(['net', 'eventsource', 'iframe'], 1000)
  const series = lines(contenders)
  for (const burst of [1, 2, 5, 10, 20, 50, 100]) {
    await reopen(contenders.at(-1), 1000)
    await point(series, contenders, burst, { burst }, { ...settings, budget: settings.budget / 2 })
  }
  return finish(series, contenders)
}

async function sizes (settings) {
  const contenders = await start(['net', 'eventsource'], 1000)
  const series = lines(contenders)
  for (const size of [100, 1000, 4000, 16_000, 60_000]) await point(series, contenders, size, { size }, settings)
  return finish(series, contenders)
}

async function channels (settings) {
  const series = new Map([['eventsource', []]])
  for (const channels of [1, 10, 100, 1000]) {
    const request = (index) => get(`/comet/eventsource?channel=c${index % channels}`)
    const options = { plan: 'own', channels }
    const contender = await Contender.start('eventsource', { kind: 'comet', request, options })
    await contender.clients.open(1000)
    await point(series, [contender], channels, {}, settings)
    await contender.stop()
  }
  return finish(series, [])
}

async function history ({ runs, settle }) {
  const points = []
  for (const missed of [1, 10, 100, 300, 1000]) {
    const costs = []
    for (let run = 0; run < runs; run++) costs.push(await resuming(missed, settle))
    points.push(toPoint(missed, costs))
  }
  return [{ name: 'eventsource', points }]
}

async function resuming (missed, settle) {
  const contender = await Contender.start('eventsource', { kind: 'comet' })
  const epoch = (await contender.server.call('cursor')).replace(/-\d+$/, '')
  await contender.server.publish({ ticks: 50, burst: 20, size: 100 })
  contender.clients.request = () => get(`/comet/eventsource?channel=bench&cursor=${epoch}-${1000 - missed}`)
  await contender.clients.open(200)
  const { connection } = await opening(contender, 1000, settle)
  await contender.stop()
  return connection
}

async function start (names, count = 0) {
  const contenders = []
  for (const name of names) {
    const contender = await Contender.start(name, { kind: kinds[name], request: requests[name] })
    await contender.clients.open(count)
    contenders.push(contender)
  }
  return contenders
}

// The server ends an iframe's document after some megabytes, so each point gets new ones.
async function reopen ({ clients }, count) {
  clients.close()
  await clients.open(count)
}

async function point (series, contenders, x, work, { runs, budget }) {
  const ticks = await calibrate(contenders, budget, (contender, count) => contender.stream(count, work))
  const samples = await alternate(contenders, runs, async (contender) => {
    const { cpu, ticks: done } = await contender.stream(ticks.get(contender), work)
    return { cpu: cpu * 1000 / (done * (work.burst ?? 1) * contender.clients.count) }
  })
  for (const { name } of contenders) series.get(name).push(toPoint(x, samples.of('cpu').get(name)))
}

function toPoint (x, values) {
  const { median, low, high } = summary(values)
  return [x, median, low, high]
}

function lines (contenders) {
  return new Map(contenders.map(({ name }) => [name, []]))
}

async function finish (series, contenders) {
  for (const contender of contenders) await contender.stop()
  return [...series].map(([name, points]) => ({ name, points }))
}
