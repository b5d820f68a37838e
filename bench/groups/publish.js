// Publishing without subscribers, with a full history.
import { NodeServer } from '../node-server.js'

const PORTION = 20_000

export const measures = ['publish', 'publish 1000']

export async function run ({ runs, floods, profile }, samples) {
  const server = await NodeServer.start('comet', {}, profile('publish'))
  const rate = async (channels, count) => {
    const { cpu } = server
    await server.call('flood', { count, size: 100, channels })
    return count / (server.cpu - cpu) * 1000
  }
  for (const [measure, channels] of [['publish', 1], ['publish 1000', 1000]]) {
    await rate(channels, Math.max(PORTION, 1200 * channels))
    for (let run = 0; run < runs; run++) samples.add('publish', { [measure]: await rate(channels, floods * PORTION) })
  }
  await server.stop()
}
