/** The tracker that bench/tracker.ts measures, alone in its process, which is started with --expose-gc. */
import { createTracker } from '../tracker/tracker.ts'
import { silent } from './silent.ts'

/** What the bench is told after each of its messages. CPU: user and system time of all threads since the start. */
export type Usage = {
  readonly cpuMs: number
  /** Resident set after a collection. */
  readonly rssBytes: number
  /** As `cpuMs`, with that collection, which is the measurement's and not the tracker's. */
  readonly cpuMsThen: number
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const tracker = await createTracker(
  { host: '127.0.0.1', port: 0, stunPort: 0, isDev: true },
  { logger: silent },
)
process.on('disconnect', () => process.exit(0))
process.on('message', () => {
  const atFirst = cpuMs()
  // Twice: what finalizers let go in the first goes in the second.
  globalThis.gc?.()
  globalThis.gc?.()
  const usage: Usage = { cpuMs: atFirst, rssBytes: process.memoryUsage.rss(), cpuMsThen: cpuMs() }
  process.send?.(usage)
})
process.send?.(tracker.multiaddrs)
