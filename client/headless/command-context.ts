import type { Logger } from '../engine/ports.ts'
import type { Terminal } from './terminal.ts'

/** What a command tells the process that started it, if one did (the demo). */
export type CommandReport =
  | { readonly kind: 'live'; readonly streamId: string }
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'chain'; readonly wsUrl: string }

/** What every command gets besides its own options. */
export type CommandContext = {
  readonly terminal: Terminal
  readonly logger: Logger
  /** Aborts on Ctrl-C, SIGTERM, a closed terminal, and when the process that started this one is gone. */
  readonly signal: AbortSignal
  readonly report: (report: CommandReport) => void
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
