import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const QUIET = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y']

/** A moving test picture with a tone, encoded by ffmpeg as `codecs` say. */
export async function makeClip(path: string, seconds: number, codecs: readonly string[]): Promise<string> {
  await ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=30:duration=${seconds}`],
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`],
    ...codecs,
    path,
  ])
  return path
}

export async function ffmpeg(args: readonly string[]): Promise<string> {
  const { stdout } = await run('ffmpeg', [...QUIET, ...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

export async function ffprobe(args: readonly string[]): Promise<string> {
  const { stdout } = await run('ffprobe', ['-loglevel', 'error', ...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '30'] as const
export const H264_B_FRAMES = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-g', '30', '-bf', '3'] as const
export const VP8 = [
  '-c:v',
  'libvpx',
  '-deadline',
  'realtime',
  '-cpu-used',
  '8',
  '-b:v',
  '500k',
  '-g',
  '30',
] as const
export const VP9 = [
  '-c:v',
  'libvpx-vp9',
  '-deadline',
  'realtime',
  '-cpu-used',
  '8',
  '-b:v',
  '500k',
  '-g',
  '30',
] as const
export const AV1 = ['-c:v', 'libsvtav1', '-preset', '12', '-b:v', '500k', '-g', '30'] as const
export const OPUS = ['-c:a', 'libopus'] as const
export const AAC = ['-c:a', 'aac'] as const
