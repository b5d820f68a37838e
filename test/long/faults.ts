// What befalls servers: `npm run long -- faults [clients]`.
import { type Finding, misfortunes, play } from './misfortunes.ts'
import { say, verdict } from './verdict.ts'

const clients = Number(process.argv[2] ?? 200)
const DURATIONS: Record<string, number> = { 'stopped for a while': 10_000, blocked: 2000 }
const findings: Finding[] = []

for (const [what, misfortune] of Object.entries(misfortunes)) {
  say(`${clients} clients, and the server is ${what}`)
  const found = await play(misfortune.play, { clients, ms: DURATIONS[what] ?? 0 }, misfortune.needsFewFiles &&
    clients + 60)
  findings.push(...found.map(([text, isRight]) => [`${what}: ${text}`, isRight] as const))
}
verdict(findings)
