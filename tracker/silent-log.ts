import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * libp2p asks for a logger per connection and stream, and its default one looks up the terminal each time
 * (23 ms in 500 joins) to say nothing. What a tracker's operator needs to know is in our own log and in /metrics.
 */
export const silentLog: Logger = Object.assign(() => {}, {
  error: () => {},
  trace: () => {},
  enabled: false,
  newScope: () => silentLog,
})

export const silentComponentLogger: ComponentLogger = { forComponent: () => silentLog }
