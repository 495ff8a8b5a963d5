import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { PICTURE_MAX_BYTES } from '../../shared/protocol/limits.ts'
import { EngineError } from '../engine/engine-error.ts'

const run = promisify(execFile)

/** Smaller and coarser until it fits. */
const ATTEMPTS = [
  { width: 480, quality: 60 },
  { width: 320, quality: 30 },
] as const
/** Later than the black or the logo that many films begin with. */
const AT_S = 1
const FFMPEG_TIMEOUT_MS = 10_000

/** A picture for Home from a file: WebP or JPEG. Throws EngineError('bad-file'). */
export async function readPicture(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw new EngineError('bad-file', `The picture ${path} cannot be read. Check the name.`, { cause })
  }
  if (bytes.length > PICTURE_MAX_BYTES || (!isWebP(bytes) && !isJpeg(bytes))) {
    throw new EngineError(
      'bad-file',
      `The picture ${path} must be a WebP or JPEG of at most ${PICTURE_MAX_BYTES / 1024} KiB. Make one with\n  ` +
        `ffmpeg -i ${path} -frames:v 1 -vf scale=480:-2 -c:v libwebp -quality 60 picture.webp`,
    )
  }
  return bytes
}

/** A frame of a video file, taken by ffmpeg; undefined where there is none or it cannot: a stream does without. */
export async function grabPicture(
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array | undefined> {
  for (const { width, quality } of ATTEMPTS) {
    const args = ['-loglevel', 'error', '-nostdin', '-ss', String(AT_S), '-i', path, '-frames:v', '1']
    args.push(
      '-vf',
      `scale=${width}:-2`,
      '-c:v',
      'libwebp',
      '-quality',
      String(quality),
      '-f',
      'image2pipe',
      '-',
    )
    try {
      const options = {
        encoding: 'buffer',
        signal,
        timeout: FFMPEG_TIMEOUT_MS,
        maxBuffer: 1024 * 1024,
      } as const
      const { stdout } = await run('ffmpeg', args, options)
      if (isWebP(stdout) && stdout.length <= PICTURE_MAX_BYTES) return stdout
    } catch {
      return undefined
    }
  }
  return undefined
}

function isWebP(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes.subarray(0, 12))
  return text.startsWith('RIFF') && text.endsWith('WEBP')
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff
}
