import { basename, dirname, extname, join } from 'node:path'

/** Where media is read from; sentences name it. */
export type SourceName = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'pipe' }

/** How the source is called in a sentence. */
export function nameOf(source: SourceName): string {
  return source.kind === 'file' ? basename(source.path) : 'the pipe'
}

/** The command that makes any file fit to be broadcast: H.264 without B-frames, a key frame each second, Opus. */
export function reencodeLine(source: SourceName, frameRate: number): string {
  const gop = Math.max(1, Math.round(frameRate))
  const codecs = '-c:v libx264 -preset veryfast -pix_fmt yuv420p -bf 0'
  if (source.kind === 'pipe') {
    return `ffmpeg -i … -c:v libvpx -deadline realtime -cpu-used 8 -b:v 2M -g ${gop} -c:a libopus -f webm -`
  }
  return `ffmpeg -i ${quoted(source.path)} ${codecs} -g ${gop} -c:a libopus ${quoted(beside(source.path, '.mp4'))}`
}

/** The command that changes the sound to Opus and leaves the picture as it is. */
export function reencodeAudioLine(source: SourceName, videoCodec: string): string {
  if (source.kind === 'pipe') return 'ffmpeg -i … -c:v copy -c:a libopus -f webm -'
  // VP8 has no place in MP4.
  const extension = videoCodec.startsWith('vp8') ? '.webm' : '.mp4'
  return `ffmpeg -i ${quoted(source.path)} -c:v copy -c:a libopus ${quoted(beside(source.path, extension))}`
}

/** The command that copies what can still be read of a damaged file. */
export function salvageLine(source: SourceName): string {
  if (source.kind === 'pipe') return 'start the source again'
  const target = quoted(beside(source.path, extname(source.path) || '.mp4'))
  return `ffmpeg -err_detect ignore_err -i ${quoted(source.path)} -c copy ${target}`
}

function beside(path: string, extension: string): string {
  return join(dirname(path), `${basename(path, extname(path))}-live${extension}`)
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}
