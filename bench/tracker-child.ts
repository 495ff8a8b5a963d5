/** Started by TrackerProcess; ends with it. */
import { createTracker } from '../tracker/tracker.ts'
import { silent } from './silent.ts'

const siteDir = process.argv[2]
const tracker = await createTracker(
  { host: '127.0.0.1', port: 0, stunPort: 0, isDev: true, ...(siteDir === undefined ? {} : { siteDir }) },
  { logger: silent },
)
process.on('disconnect', () => process.exit(0))
process.on('message', () => process.send?.({ rssBytes: process.memoryUsage.rss() }))
process.send?.({ multiaddrs: tracker.multiaddrs, httpUrl: tracker.httpUrl })
