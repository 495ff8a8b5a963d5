import { parseStreamId, type StreamId } from '../../shared/protocol/ids.ts'
import { EngineError } from '../engine/engine-error.ts'

export type StreamAddress = {
  readonly streamId: StreamId
  /** The site that the address was copied from: its tracker knows the stream. */
  readonly siteUrl: string | undefined
}

/** `#/watch/<id>` with whatever page settings behind it. */
const WATCH_HASH = /^#\/watch\/([^/?]+)/

/** Reads a stream id or the whole address of its watch page. Throws EngineError('bad-stream-id'). */
export function parseStreamAddress(text: string): StreamAddress {
  if (!text.includes('/')) return { streamId: streamIdOf(text), siteUrl: undefined }
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw badAddress(text, cause)
  }
  const id = WATCH_HASH.exec(url.hash)?.[1]
  if (id === undefined) throw badAddress(text)
  url.hash = ''
  url.search = ''
  return { streamId: streamIdOf(id), siteUrl: url.href }
}

function streamIdOf(text: string): StreamId {
  try {
    return parseStreamId(text)
  } catch (cause) {
    throw badAddress(text, cause)
  }
}

function badAddress(text: string, cause?: unknown): EngineError {
  return new EngineError(
    'bad-stream-id',
    `“${text}” is no stream. Copy the whole address of its watch page, as in http://localhost:8080/#/watch/…, ` +
      'or the id at its end.',
    { cause },
  )
}
