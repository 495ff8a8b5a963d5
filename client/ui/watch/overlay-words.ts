import type { ViewerState } from '../../engine/events.ts'
import type { PlayerState } from '../../engine/media/player.ts'
import { viewerWords } from './viewer-words.ts'

/** What stands over the picture, with a spinner if something is under way; undefined while the picture speaks for itself. */
export function overlayWords(
  viewer: ViewerState,
  player: PlayerState['kind'],
): { readonly text: string; readonly isBusy: boolean } | undefined {
  if (viewer.kind === 'ended') return { text: 'The stream has ended', isBusy: false }
  // A lost parent or tracker is no reason to cover a picture that still moves.
  if (player === 'playing' || player === 'paused') return undefined
  if (viewer.kind === 'live' || viewer.kind === 'reconnecting') {
    if (player === 'stalled') return { text: 'Waiting for more video…', isBusy: true }
    return { text: 'Waiting for the first picture…', isBusy: true }
  }
  const words = viewerWords(viewer, undefined)
  return { text: words.text, isBusy: words.tone === 'busy' }
}
