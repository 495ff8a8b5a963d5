import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  FilePathSource,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
  Logging,
  LogLevel,
  MATROSKA,
  MP4,
  QTFF,
  ReadableStreamSource,
  type Source,
  UnsupportedInputFormatError,
  WEBM,
} from 'mediabunny'
import { nameOf, reencodeLine, type SourceName, salvageLine } from './ffmpeg-line.ts'
import { fixMediabunnyResync } from './fix-mediabunny-resync.ts'
import { checkMp4Index } from './mp4-index-check.ts'
import { SourceError } from './source-error.ts'

export type SourceLocation =
  | { readonly kind: 'file'; readonly path: string }
  /** Media arrives as it is made; the format must be readable from front to back (WebM, Matroska, fragmented MP4). */
  | { readonly kind: 'pipe'; readonly stream: Readable }

/** An opened container with its tracks found, before any codec was judged. */
export type Media = {
  readonly name: SourceName
  readonly video: InputVideoTrack
  readonly audio: InputAudioTrack | undefined
  /** End of the longest track as the container declares it, s; undefined where it does not say. */
  readonly declaredEndS: number | undefined
  close(): void
}

// What it would print in passing is said here in sentences, or is of no use to anyone.
Logging.level = LogLevel.Silent

const FORMATS = [MP4, QTFF, WEBM, MATROSKA]
/** What `broadcast` needs when a file is of no use as it is. */
const ACCEPTED = 'MP4 (H.264 with AAC or Opus) and WebM (VP8, VP9 or AV1 with Opus)'
const MENDED_FRAME_RATE = 30

/** Throws SourceError. */
export async function openMedia(location: SourceLocation): Promise<Media> {
  const name: SourceName = location.kind === 'file' ? location : { kind: 'pipe' }
  const source = await openSource(location)
  const input = new Input({ source, formats: FORMATS })
  try {
    await input.getFormat()
    fixMediabunnyResync(input)
    const tracks = await findTracks(input, name)
    const declaredEndS = location.kind === 'file' ? await input.getDurationFromMetadata() : null
    return { name, ...tracks, declaredEndS: declaredEndS ?? undefined, close: () => input.dispose() }
  } catch (error) {
    const hadBytes = location.kind === 'file' || location.stream.readableDidRead
    input.dispose()
    throw describeFailure(error, name, hadBytes)
  }
}

async function openSource(location: SourceLocation): Promise<Source> {
  if (location.kind === 'pipe') return new ReadableStreamSource(pulled(location.stream))
  let size = 0
  try {
    const found = await stat(location.path)
    if (!found.isFile()) {
      throw new SourceError(
        'unreadable',
        `${location.path} is not a file. Name a video file, or - to read a pipe.`,
      )
    }
    size = found.size
  } catch (cause) {
    if (cause instanceof SourceError) throw cause
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new SourceError(
        'not-found',
        `There is no file ${location.path}. Check the name and the folder.`,
        { cause },
      )
    }
    throw new SourceError('unreadable', `${location.path} cannot be read. Check who may read it.`, { cause })
  }
  if (size === 0) throw new SourceError('incomplete', `${location.path} is empty. Was it still being copied?`)
  try {
    await checkMp4Index(location.path, size)
  } catch (cause) {
    throw describeFailure(cause, location, true)
  }
  return new FilePathSource(location.path)
}

/** Reads on only when asked, so that a full pipe holds back whoever writes into it. */
function pulled(stream: Readable): ReadableStream<Uint8Array> {
  const chunks = stream.iterator({ destroyOnReturn: true })
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = (await chunks.next()) as IteratorResult<Buffer, undefined>
        if (done === true) controller.close()
        else controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.length))
      },
      cancel: () => {
        stream.destroy()
      },
    },
    { highWaterMark: 0 },
  )
}

async function findTracks(input: Input, name: SourceName): Promise<Pick<Media, 'video' | 'audio'>> {
  const tracks = await input.getTracks()
  if (tracks.length === 0) {
    throw new SourceError(
      'incomplete',
      `${nameOf(name)} has no index: the recording or download was cut off before its end. ` +
        'Record or download it again.',
    )
  }
  const video = await input.getPrimaryVideoTrack()
  if (video === null) {
    throw new SourceError(
      'no-video',
      `${nameOf(name)} has sound but no picture. Vilokanam broadcasts video; add a picture with ` +
        'ffmpeg -loop 1 -i cover.jpg -i sound -c:v libx264 -pix_fmt yuv420p -g 25 -c:a libopus -shortest out.mp4',
    )
  }
  return { video, audio: (await input.getPrimaryAudioTrack()) ?? undefined }
}

function describeFailure(cause: unknown, name: SourceName, hadBytes: boolean): SourceError {
  if (cause instanceof SourceError) return cause
  if (!hadBytes) {
    return new SourceError(
      'empty-pipe',
      'Nothing came through the pipe: the source ended before its first byte. Its own messages say why.',
      { cause },
    )
  }
  if (cause instanceof UnsupportedInputFormatError) {
    return new SourceError(
      'not-media',
      `${nameOf(name)} is no MP4 or WebM. Vilokanam reads ${ACCEPTED}; convert it with\n  ` +
        reencodeLine(name, MENDED_FRAME_RATE),
      { cause },
    )
  }
  return new SourceError(
    'corrupt',
    `${nameOf(name)} is damaged: its headers cannot be read. Try to save the rest with\n  ${salvageLine(name)}`,
    { cause },
  )
}
