import type { Stream } from '@libp2p/interface'
import { DIRECTORY_LIST_MAX } from '../shared/overlay/room-directory.ts'
import { lengthPrefixed } from '../shared/overlay/room-outbox.ts'
import type { AnnouncedStream } from './announced-streams.ts'

/** The streams with most viewers, by what their creators say, first. */
export function mostWatched(streams: Iterable<AnnouncedStream>): AnnouncedStream[] {
  const viewers = (stream: AnnouncedStream): number => stream.verified.announcement.viewers
  return [...streams].sort((a, b) => viewers(b) - viewers(a)).slice(0, DIRECTORY_LIST_MAX)
}

/** 200 records are 400 kB. */
const LIST_TIMEOUT_MS = 10_000

/** Answers the list protocol: every record, then the end. */
export async function writeDirectoryList(stream: Stream, streams: Iterable<AnnouncedStream>): Promise<void> {
  const records = mostWatched(streams).map(({ record }) => lengthPrefixed(record))
  const cutOff = setTimeout(() => stream.abort(new Error('the list was not taken')), LIST_TIMEOUT_MS)
  try {
    await stream.sink(records)
    await stream.close()
  } catch {
    stream.abort(new Error('the list was not taken'))
  } finally {
    clearTimeout(cutOff)
  }
}
