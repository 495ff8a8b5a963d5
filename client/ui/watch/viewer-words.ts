import type { MeshStats, ViewerState } from '../../engine/events.ts'

/** `busy` is worth a spinner, `good` needs no attention, `over` is final. */
export type Tone = 'busy' | 'good' | 'over'
export type Words = { readonly text: string; readonly tone: Tone }

/** A viewer's state as one sentence for the page and for screen readers. */
export function viewerWords(state: ViewerState, stats: MeshStats | undefined): Words {
  switch (state.kind) {
    case 'idle':
      return { text: 'Starting…', tone: 'busy' }
    case 'finding-tracker':
      return { text: 'Looking for the tracker…', tone: 'busy' }
    case 'joining':
      return {
        text: state.attempt > 1 ? `Looking for peers… (attempt ${state.attempt})` : 'Looking for peers…',
        tone: 'busy',
      }
    case 'waiting':
      return {
        text:
          state.reason === 'no-capacity'
            ? 'Everyone who shares this stream is full. Waiting for a free place…'
            : 'Waiting for the creator to come back…',
        tone: 'busy',
      }
    case 'live':
      return { text: liveText(stats), tone: 'good' }
    case 'reconnecting':
      return { text: 'Reconnecting…', tone: 'busy' }
    case 'ended':
      return { text: 'The stream has ended', tone: 'over' }
    case 'failed':
      return { text: state.error.message, tone: 'over' }
    case 'closed':
      return { text: 'You left the stream', tone: 'over' }
    default:
      return state satisfies never
  }
}

function liveText(stats: MeshStats | undefined): string {
  if (stats?.depth === undefined) return 'Connected'
  const between = stats.depth - 1
  if (between <= 0) return 'Connected straight to the creator'
  return `Connected through ${between} ${between === 1 ? 'peer' : 'peers'}`
}
