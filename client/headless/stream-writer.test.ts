import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ffmpeg, ffprobe, H264_B_FRAMES, makeClip, OPUS, VP8 } from '../../scripts/make-clip.ts'
import type { ReceivedFrame } from '../engine/events.ts'
import { createFileProducer } from './file-producer.ts'
import { StreamWriter } from './stream-writer.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vilokanam-writer-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** All frames of a clip, at once, as a viewer has them; each pair swapped, as a mesh may. */
async function framesOf(path: string) {
  let nowMs = 0
  const pacer = {
    nowMs: () => nowMs,
    sleep: (ms: number) => {
      nowMs += ms
      return Promise.resolve()
    },
  }
  const producer = await createFileProducer({ kind: 'file', path }, { pacer })
  const frames: ReceivedFrame[] = []
  const next = new Map<number, number>()
  await new Promise<void>((resolve, reject) =>
    producer.start(
      frame => {
        const seq = next.get(frame.track) ?? 0
        next.set(frame.track, seq + 1)
        frames.push({ ...frame, seq, epoch: 0, isEncrypted: false, receivedAtMs: nowMs })
      },
      error => (error === undefined ? resolve() : reject(error)),
    ),
  )
  await producer.close()
  for (let index = 1; index < frames.length; index += 2) {
    const [one, other] = [frames[index - 1], frames[index]]
    if (one !== undefined && other !== undefined) frames.splice(index - 1, 2, other, one)
  }
  return { tracks: producer.tracks, frames }
}

const picturesOf = async (path: string) =>
  (await ffmpeg(['-i', path, '-map', '0:v', '-f', 'framemd5', '-']))
    .split('\n')
    .filter(line => !line.startsWith('#') && line !== '')
    .map(line => line.split(',').at(-1)?.trim())

it.each([
  ['webm', 'clip.webm', [...VP8, ...OPUS]],
  ['mp4', 'clip.mp4', [...H264_B_FRAMES, ...OPUS]],
] as const)(
  'H-WATCH-1 a stream is written to %s: every picture of the source, and its sound',
  async (container, name, codecs) => {
    const source = await makeClip(join(folder, name), 3, codecs)
    const { tracks, frames } = await framesOf(source)
    const path = join(folder, `written-${name}`)
    const writer = await StreamWriter.open(tracks, createWriteStream(path))
    expect(writer.container).toBe(container)
    for (const frame of frames) writer.push(frame)
    await writer.close()
    const [written, original] = await Promise.all([picturesOf(path), picturesOf(source)])
    expect(original.length).toBeGreaterThan(80)
    expect(written).toEqual(original)
    const sound = await ffprobe([
      '-v',
      'error',
      '-select_streams',
      'a',
      '-count_packets',
      '-show_entries',
      'stream=nb_read_packets',
      '-of',
      'csv=p=0',
      path,
    ])
    // What sounds before the first picture has no place in the file.
    const startUs = Math.min(
      ...frames.filter(({ track }) => track === 0).map(({ timestampUs }) => timestampUs),
    )
    const heard = frames.filter(({ track, timestampUs }) => track === 1 && timestampUs >= startUs)
    expect(Number(sound.trim().replace(/,$/, ''))).toBe(heard.length)
  },
)

it('H-WATCH-2 a pipe that breaks ends the writing with its error, and nothing more is taken', async () => {
  const { tracks, frames } = await framesOf(await makeClip(join(folder, 'short.webm'), 1, [...VP8, ...OPUS]))
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  broken.on('error', () => {})
  const writer = await StreamWriter.open(tracks, broken)
  for (const frame of frames) writer.push(frame)
  await expect(writer.close()).rejects.toThrow('EPIPE')
  expect(() => writer.push(frames[0] as ReceivedFrame)).toThrow('EPIPE')
})
