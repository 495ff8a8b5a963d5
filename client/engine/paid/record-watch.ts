import type { VerifiedAnnouncement } from '../../../shared/protocol/announcement.ts'
import type { ChainPort } from '../chain/chain-port.ts'
import { checkStreamRecord, type StreamRecordCheck } from './record-check.ts'

/** What a Viewer is to whoever looks a record up. */
export interface AnnouncedStream {
  on(name: 'announcement', listener: (announcement: VerifiedAnnouncement) => void): () => void
}

/** A node may be behind, or answer next time; more often would be a creator's way to keep viewers busy. */
const LOOKUPS_MAX = 6

/**
 * Looks up each place that a stream's announcements name, once where it holds, else again with later announcements (one
 * each 10 s) a few times. Tells what is found when that changes; answers its own end.
 */
export function followRecord(
  stream: AnnouncedStream,
  chain: ChainPort,
  listener: (check: StreamRecordCheck) => void,
): () => void {
  const stopped = new AbortController()
  let place = ''
  let lookups = 0
  let isLooking = false
  let found: StreamRecordCheck = { kind: 'none' }
  const look = async (announcement: VerifiedAnnouncement): Promise<void> => {
    const { record } = announcement.announcement
    if (record === undefined || isLooking || chain.state.kind !== 'ready') return
    const next = [record.blockHash, record.extrinsicHash, record.manifestHash].join()
    const isNew = next !== place
    if ((!isNew && found.kind === 'verified') || lookups >= LOOKUPS_MAX) return
    place = next
    lookups += 1
    isLooking = true
    try {
      const check = await checkStreamRecord(chain, announcement, { signal: stopped.signal })
      if (stopped.signal.aborted) return
      const isNews = isNew || check.kind !== found.kind
      found = check
      if (isNews) listener(check)
    } catch {
      // Only the signal's: nobody listens any more.
    } finally {
      isLooking = false
    }
  }
  const unsubscribe = stream.on('announcement', announcement => void look(announcement))
  return () => {
    unsubscribe()
    stopped.abort()
  }
}
