import { EngineError } from '../engine-error.ts'
import type { CaptureSource, OpenedSource } from './capture-types.ts'

type CapturableVideo = HTMLVideoElement & { captureStream?(): MediaStream; mozCaptureStream?(): MediaStream }

/** Plays the file in an element of its own and captures what it shows. Throws EngineError: bad-file, unsupported-codec. */
export async function openFile(source: Extract<CaptureSource, { kind: 'file' }>): Promise<OpenedSource> {
  const video: CapturableVideo = document.createElement('video')
  const url = URL.createObjectURL(source.file)
  const close = () => {
    video.pause()
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(url)
  }
  video.loop = source.isLooping ?? false
  video.playsInline = true
  // The captured stream has its sound all the same; only this page stays quiet.
  video.muted = true
  video.src = url
  try {
    await video.play()
  } catch (error) {
    close()
    throw new EngineError(
      'bad-file',
      'The browser cannot play this file: it is damaged, or of a kind it does not know. Convert it to MP4 (H.264, AAC) or WebM, then choose it again.',
      { cause: error },
    )
  }
  const stream = video.captureStream?.() ?? video.mozCaptureStream?.()
  if (stream === undefined) {
    close()
    throw new EngineError(
      'unsupported-codec',
      'This browser cannot send a file. Use Chrome, Edge or Firefox, or the command line: vilokanam broadcast <file>.',
    )
  }
  return {
    stream,
    close() {
      for (const track of stream.getTracks()) track.stop()
      close()
    },
  }
}
