// The front page under load, watched for what grows.
import { setTimeout as pause } from 'node:timers/promises'
import type { Memory, Page } from '../fixtures/browsers.ts'
import { LANE_NAMES } from '../../demo/lanes.ts'
import type { LaneName } from '../../demo/lanes.ts'
import { poll } from '../fixtures/browsers/engine.ts'
import { everyLane, figures, set } from './lane-page.ts'

const RATE = 200
const LOOKS = 8
const MIB = 1024 * 1024
// A question to a frame that is just being replaced is given up by the browser's driver, after a while.
const PATIENCE = 90_000

type Count = 'messages' | 'lost' | 'repeated' | 'gaps'

export interface Sample {
  page: Memory
  /** of the iframe lane */
  frame: Memory
  lanes: Record<LaneName, Record<Count, number>>
}

/** Turns the page's rate up and waits until it has filled what is of a fixed size. */
export async function warmUp (page: Page): Promise<void> {
  await set(page, 'rate', RATE)
  await everyLane(page, 'there is much', ({ messages }) => Number(messages) > 5 * RATE)
}

/**
 * What the page holds and shows now, the least of some looks: at a rate like this there is always something under way.
 */
export async function sample (page: Page): Promise<Sample> {
  const looks: [Memory, Memory][] = []
  for (let i = 0; i < LOOKS; i++) {
    looks.push(await look(page))
    await pause(100)
  }
  return {
    page: least(looks.map(([page]) => page)), frame: least(looks.map(([, frame]) => frame)), lanes: await counts(page)
  }
}

/** What is wrong between two samples. @param mayGrow by how much a heap may have grown, bytes */
export function wrongs (first: Sample, last: Sample, mayGrow: number): string[] {
  return [
    ...LANE_NAMES.flatMap((lane) =>
      told(last.lanes[lane], ['lost', 'repeated', 'gaps']).map((count) => `${lane}: ${count}`)),
    ...(['page', 'frame'] as const).flatMap((part) =>
      grown(first[part], last[part], mayGrow).map((what) => `${part}: ${what}`))
  ]
}

/** One line for a sample. */
export function line ({ page, frame, lanes }: Sample): string {
  const parts = Object.entries({ page, frame }).map(([name, { heap, dom, buffers, nodes, listeners }]) =>
    `${name} ${mib(heap)} + ${mib(dom)} + ${mib(buffers)} MiB, ${nodes} nodes, ${listeners} listeners`)
  return [...parts, ...LANE_NAMES.map((lane) =>
    `${lane} ${told(lanes[lane], ['messages', 'lost', 'repeated', 'gaps']).join(', ')}`)].join(' | ')
}

// The frame's document is a new one from time to time, and for a moment there is none.
async function look (page: Page): Promise<[Memory, Memory]> {
  return await poll(async () => {
    const [own, frame] = await page.memory()
    return own && frame && [own, frame]
  }, 'a page with a frame', { timeout: PATIENCE }) as [Memory, Memory]
}

function least (looks: Memory[]): Memory {
  const of = (key: keyof Memory): number => Math.min(...looks.map((look) => look[key]))
  return { heap: of('heap'), dom: of('dom'), buffers: of('buffers'), nodes: of('nodes'), listeners: of('listeners') }
}

function grown (first: Memory, last: Memory, mayGrow: number): string[] {
  const grown: string[] = []
  for (const key of ['heap', 'dom', 'buffers'] as const) {
    if (last[key] > first[key] + mayGrow) grown.push(`${key} grew from ${mib(first[key])} to ${mib(last[key])} MiB`)
  }
  if (last.nodes > first.nodes + 50) grown.push(`the DOM grew from ${first.nodes} nodes to ${last.nodes}`)
  if (last.listeners > first.listeners + 10) grown.push(`${first.listeners} listeners became ${last.listeners}`)
  return grown
}

function told (counts: Record<Count, number>, which: Count[]): string[] {
  return which.filter((count) => count === 'messages' || counts[count] !== 0)
    .map((count) => `${counts[count]} ${count}`)
}

async function counts (page: Page): Promise<Sample['lanes']> {
  const shown = await figures(page)
  const count = ({ messages, lost, repeated, gaps }: typeof shown[LaneName]): Sample['lanes'][LaneName] =>
    ({ messages: Number(messages), lost: Number(lost), repeated: Number(repeated), gaps: Number(gaps) })
  return {
    iframe: count(shown.iframe),
    'long-poll': count(shown['long-poll']),
    eventsource: count(shown.eventsource),
    auto: count(shown.auto)
  }
}

function mib (bytes: number): string {
  return (bytes / MIB).toFixed(2)
}
