import type { FrameRing } from '../../shared/media/frame-ring.ts'
import type { Track } from '../../shared/protocol/manifest.ts'
import type { TrackPosition } from '../../shared/protocol/peer-message.ts'

/** What Attach says of a ring: the tracks wanted, and the newest whole frame of each that is there. */
export function resumePositions(
  ring: FrameRing,
  tracks: readonly Track[],
): { readonly tracks: readonly number[]; readonly resume: readonly TrackPosition[] } {
  const ids = tracks.map(({ id }) => id)
  const resume = ids.flatMap(track => {
    const seq = ring.newestCompleteSeq(track)
    return seq === undefined ? [] : [{ track, seq }]
  })
  return { tracks: ids, resume }
}
