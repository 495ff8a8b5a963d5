import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { ffmpeg, H264_B_FRAMES, makeClip, OPUS } from '../../scripts/make-clip.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { Broadcaster } from '../engine/broadcaster.ts'
import type { EncodedFrame, ReceivedFrame } from '../engine/events.ts'
import type { EngineDeps } from '../engine/ports.ts'
import { Relay } from '../engine/relay.ts'
import { MemoryTracker } from '../engine/testing/memory-tracker.ts'
import { Viewer } from '../engine/viewer.ts'
import { AUDIO_TRACK_ID, VIDEO_TRACK_ID } from './accepted-tracks.ts'
import { createFileProducer } from './file-producer.ts'
import { createNodePeer } from './node-peer.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }
const closers: (() => unknown)[] = []
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vilokanam-mesh-'))
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(() => rm(folder, { recursive: true }))

function host(): () => EngineDeps {
  const tracker = new MemoryTracker({ crypto: nodeCrypto, wallMs: Date.now, random: Math.random })
  return () => ({
    crypto: nodeCrypto,
    tracker: tracker.port(createSigner(generateSeed())),
    createPeer: createNodePeer,
    clock: { nowMs: () => performance.now(), wallMs: Date.now },
    random: Math.random,
    logger: silent,
    generateSigner: () => Promise.resolve(createSigner(generateSeed())),
  })
}

async function until(condition: () => boolean, what: string, limitMs = 15_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

const framesOf = <Frame extends EncodedFrame>(track: number, frames: readonly Frame[]) =>
  frames.filter(frame => frame.track === track)

it('H-MESH-1 what a viewer below a relay gets of a file decodes to the same pictures, B-frames and all', async () => {
  const path = await makeClip(join(folder, 'clip.mp4'), 3, [...H264_B_FRAMES, ...OPUS])
  const deps = host()
  const producer = await createFileProducer({ kind: 'file', path })
  closers.push(() => producer.close())
  const broadcaster = new Broadcaster(deps(), { slots: 1 })
  closers.push(() => broadcaster.close())
  const { streamId } = await broadcaster.startStream({ title: 'file', tracks: producer.tracks })
  const relay = new Relay(deps(), { slots: 2 })
  closers.push(() => relay.close())
  await relay.joinStream(streamId)
  await until(() => relay.state.kind === 'live', 'the relay is attached')
  const viewer = new Viewer(deps(), { slots: 0 })
  closers.push(() => viewer.close())
  const received: ReceivedFrame[] = []
  viewer.on('frame', frame => received.push(frame))
  await viewer.joinStream(streamId)
  await until(() => viewer.state.kind === 'live', 'the viewer is attached')
  expect(viewer.stats?.depth).toBe(2)

  const sent: EncodedFrame[] = []
  const ended = new Promise<Error | undefined>(resolve => {
    producer.start(frame => {
      sent.push(frame)
      broadcaster.push(frame)
    }, resolve)
  })
  expect(await ended).toBeUndefined()
  await until(() => received.length === sent.length, `${sent.length} frames arrive`)

  const bySeq = received.toSorted((a, b) => a.seq - b.seq)
  for (const track of [VIDEO_TRACK_ID, AUDIO_TRACK_ID]) {
    const payloads = (frames: readonly EncodedFrame[]) =>
      framesOf(track, frames).map(({ timestampUs, payload }) => [
        timestampUs,
        Buffer.from(payload).toString('base64'),
      ])
    expect(payloads(bySeq)).toEqual(payloads(sent))
  }
  const elementary = join(folder, 'received.h264')
  await writeFile(elementary, Buffer.concat(framesOf(VIDEO_TRACK_ID, bySeq).map(({ payload }) => payload)))
  // Nothing is encoded on the way, so the pictures are not alike but the same: PSNR is infinite.
  const pictures = (input: string) =>
    ffmpeg(['-i', input, '-an', '-fps_mode', 'passthrough', '-f', 'md5', '-'])
  expect(await pictures(elementary)).toBe(await pictures(path))
}, 40_000)
