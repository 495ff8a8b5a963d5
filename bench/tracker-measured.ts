/** The tracker that bench/tracker.ts measures, alone in its process, which is started with --expose-gc. */
import { createTracker } from '../tracker/tracker.ts'
import { silent } from './silent.ts'

/** What the bench is told after each of its messages. */
export type Usage = {
  /** User and system time of all threads since the process started. */
  readonly cpuMs: number
  /** Resident set after a collection. */
  readonly rssBytes: number
}

const tracker = await createTracker(
  { host: '127.0.0.1', port: 0, stunPort: 0, isDev: true },
  { logger: silent },
)
process.on('disconnect', () => process.exit(0))
process.on('message', () => {
  // Twice: what finalizers let go in the first goes in the second.
  globalThis.gc?.()
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const usage: Usage = { cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage.rss() }
  process.send?.(usage)
})
process.send?.(tracker.multiaddrs)
