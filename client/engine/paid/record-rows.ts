import { hexText } from '../../../shared/protocol/hex.ts'
import { streamIdToBytes } from '../../../shared/protocol/ids.ts'
import type { Broadcaster } from '../broadcaster.ts'
import { StreamRecorder, type StreamRecorderDeps } from '../earn/stream-recorder.ts'
import type { PaidBroadcast } from './paid-broadcast-contract.ts'

export type RowKeys = {
  /** Names the stream key where it is kept; '' where it is not. */
  readonly streamKeyReference: string
  readonly trackerUsed: string | undefined
}

/**
 * The creator's own books of a live broadcast (`streams`, `stream_sessions`, `stream_viewers`), written while it runs.
 * Answers its end, which resolves when the last rows are written; nothing of it disturbs a stream.
 */
export async function recordRows(
  broadcaster: Pick<Broadcaster, 'streamInfo' | 'on'>,
  paid: PaidBroadcast | undefined,
  deps: StreamRecorderDeps,
  { streamKeyReference, trackerUsed }: RowKeys,
): Promise<() => Promise<void>> {
  const info = broadcaster.streamInfo
  if (info === undefined) return async () => undefined
  const { title, description, category, certificate } = info.manifest
  const recorder = await StreamRecorder.begin(deps, {
    streamId: hexText(streamIdToBytes(info.streamId)).slice(2),
    creator: hexText(certificate.creator.publicKey),
    ...{ title, description, category, streamKeyReference },
    ...(trackerUsed !== undefined && { trackerUsed }),
    isRecorded: false,
  })
  const stops = [broadcaster.on('stats', ({ viewers }) => recorder.setViewers(viewers))]
  if (paid !== undefined)
    stops.push(
      paid.on('view', ({ viewers }) => recorder.setSessions(viewers)),
      paid.earnings.on('snapshot', snapshot => recorder.setEarnings(snapshot)),
    )
  return async () => {
    for (const stop of stops) stop()
    await recorder.end()
  }
}
