import { type Manifest, verifyManifest } from '../../../shared/protocol/manifest.ts'
import {
  type CreatorStreamKeeper,
  RESUME_WITHIN_MS,
  type StoredCreatorStream,
} from '../../engine/creator-stream.ts'
import { webCrypto } from '../../engine/crypto/web-crypto.ts'
import { browserCreatorStreams } from '../../engine/store/creator-streams.ts'
import { openDatabase } from '../../engine/store/database.ts'

/** A stream this browser was broadcasting until a moment ago. */
export type ResumableStream = {
  readonly stored: StoredCreatorStream
  readonly manifest: Manifest
  /** Wall clock, ms: later its viewers have gone. */
  readonly untilMs: number
}

/** Undefined where the browser keeps no storage for this site. */
export async function openKeeper(): Promise<CreatorStreamKeeper | undefined> {
  try {
    return browserCreatorStreams(await openDatabase())
  } catch {
    return undefined
  }
}

/** The newest one that can still go on, and that no other tab broadcasts. */
export async function findResumable(
  keeper: CreatorStreamKeeper,
  nowMs: number,
): Promise<ResumableStream | undefined> {
  for (const stored of await keeper.list()) {
    const { state } = stored
    const untilMs = state.aliveAtMs + RESUME_WITHIN_MS
    if (untilMs <= nowMs) continue
    const release = await keeper.lock(state.streamId)
    if (release === undefined) continue
    release()
    try {
      const { manifest } = await verifyManifest(state.manifest, webCrypto, nowMs)
      return { stored, manifest, untilMs }
    } catch {
      // A row that this version cannot read is no stream to go on with.
    }
  }
  return undefined
}
