import { EngineError } from '../engine/engine-error.ts'
import type { ViewerState } from '../engine/events.ts'
import { Relay } from '../engine/relay.ts'
import { aborted, type CommandContext } from './command-context.ts'
import { createNodeDeps } from './node-deps.ts'
import { type Previous, relayStatus } from './status-line.ts'
import { parseStreamAddress } from './stream-address.ts'
import { resolveTrackers } from './tracker-address.ts'

export type RelayCommandOptions = {
  /** Undefined: the site in the stream's address, else the default. */
  readonly trackers: readonly string[] | undefined
  readonly defaultTracker: string
  readonly slots: number
}

/** Forwards one stream until it ends or the signal aborts. Throws EngineError. */
export async function relay(
  stream: string,
  options: RelayCommandOptions,
  { terminal, logger, signal }: CommandContext,
): Promise<void> {
  const { streamId, siteUrl } = parseStreamAddress(stream)
  const addresses = options.trackers ?? [siteUrl ?? options.defaultTracker]
  const { multiaddrs } = await resolveTrackers(addresses, { signal })
  const deps = await createNodeDeps({ trackers: multiaddrs, logger })
  const member = new Relay(deps, { slots: options.slots })
  try {
    const ended = new Promise<void>((resolve, reject) => {
      member.on('state', state => {
        if (state.kind === 'ended') resolve()
        else if (state.kind === 'failed' && state.error.code !== 'tracker-unreachable') reject(state.error)
      })
    })
    // Told where it is awaited; here only so that a rejection in between is not called unhandled.
    ended.catch(() => {})
    let previous: Previous | undefined
    member.on('stats', stats => {
      const nowMs = performance.now()
      terminal.status(relayStatus(inWords(member.state), stats, previous, nowMs))
      previous = { atMs: nowMs, stats }
    })
    member.on('violation', ({ peer, reason }) => terminal.note(`Note: left ${peer}: ${reason}`))
    try {
      const { manifest } = await member.joinStream(streamId, { signal })
      terminal.line(`Relaying “${manifest.title}”`)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof EngineError) || error.code !== 'tracker-unreachable') throw error
      terminal.note(`Note: ${error.message}`)
    }
    await Promise.race([ended, aborted(signal)])
    terminal.close()
    terminal.line(signal.aborted ? 'Left the stream.' : 'The stream has ended.')
  } finally {
    member.close()
    await deps.close()
  }
}

function inWords(state: ViewerState): string {
  switch (state.kind) {
    case 'idle':
    case 'finding-tracker':
      return 'looking for the tracker'
    case 'joining':
      return 'joining'
    case 'waiting':
      return state.reason === 'no-capacity' ? 'waiting for a free place' : 'waiting for the creator'
    case 'live':
      return 'relaying'
    case 'reconnecting':
      return 'looking for a new parent'
    case 'ended':
      return 'ended'
    case 'failed':
      return 'failed'
    case 'closed':
      return 'closed'
  }
}
