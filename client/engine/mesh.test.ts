import { afterEach, expect, test } from 'vitest'
import { type StreamId, streamIdFromBytes } from '../../shared/protocol/ids.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { createNodePeer } from '../headless/node-peer.ts'
import { Broadcaster } from './broadcaster.ts'
import type { EngineDeps } from './ports.ts'
import { MemoryTracker } from './testing/memory-tracker.ts'
import { Viewer } from './viewer.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const silent = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }

function setup() {
  const tracker = new MemoryTracker({ crypto: nodeCrypto, wallMs: Date.now, random: Math.random })
  const deps = (): EngineDeps => ({
    crypto: nodeCrypto,
    tracker: tracker.port(createSigner(generateSeed())),
    createPeer: createNodePeer,
    clock: { nowMs: () => performance.now(), wallMs: Date.now },
    random: Math.random,
    logger: silent,
    generateSigner: () => Promise.resolve(createSigner(generateSeed())),
  })
  return { tracker, deps }
}

async function until(condition: () => boolean, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

const video = {
  kind: 'video',
  id: 0,
  codec: 'vp8',
  width: 64,
  height: 64,
  frameRate: 30,
  bitrate: 500_000,
  temporalLayers: 1,
} as const

const digest = (payload: Uint8Array): string => Buffer.from(nodeCrypto.sha256(payload)).toString('hex')

/** A creator that sends 30 frames a second, a key frame each second, and the digest of each. */
async function goLive(deps: EngineDeps, slots: number) {
  const broadcaster = new Broadcaster(deps, { slots })
  closers.push(() => broadcaster.close())
  const { streamId } = await broadcaster.startStream({ title: 'test', tracks: [video] })
  const sent = new Map<number, string>()
  broadcaster.on('frame', frame => void sent.set(frame.seq, digest(frame.payload)))
  let seq = 0
  const timer = setInterval(() => {
    const isKey = seq % 30 === 0
    const payload = new Uint8Array(isKey ? 40_000 : 2_000).fill(seq)
    broadcaster.push({
      track: 0,
      timestampUs: seq * 33_333,
      durationUs: 33_333,
      isKey,
      temporalLayer: 0,
      payload,
    })
    seq += 1
  }, 33)
  closers.push(() => clearInterval(timer))
  return { broadcaster, streamId, sent }
}

/** A viewer that remembers the digest of each frame. */
async function watch(deps: EngineDeps, streamId: StreamId, slots: number) {
  const viewer = new Viewer(deps, { slots })
  closers.push(() => viewer.close())
  const got = new Map<number, string>()
  viewer.on('frame', frame => void got.set(frame.seq, digest(frame.payload)))
  await viewer.joinStream(streamId)
  // The first media may overtake the Accept.
  await until(() => got.size > 5 && viewer.stats?.depth !== undefined)
  return { viewer, got }
}

/** Seqs between the first and the last received that never came. */
function missing(got: ReadonlyMap<number, string>): number[] {
  const seqs = [...got.keys()].sort((a, b) => a - b)
  const first = seqs[0] ?? 0
  return Array.from({ length: (seqs.at(-1) ?? 0) - first }, (_, index) => first + index).filter(
    seq => !got.has(seq),
  )
}

test('E-1 frames reach viewers at depth 3 byte for byte', async () => {
  const { deps } = setup()
  const { streamId, sent } = await goLive(deps(), 1)
  const a = await watch(deps(), streamId, 1)
  const b = await watch(deps(), streamId, 1)
  const c = await watch(deps(), streamId, 1)
  expect([a, b, c].map(({ viewer }) => viewer.stats?.depth)).toEqual([1, 2, 3])
  await until(() => c.got.size > 60)
  for (const { got } of [a, b, c]) {
    expect(missing(got)).toEqual([])
    for (const [seq, hash] of got) expect(hash).toBe(sent.get(seq))
  }
})

test('E-2 when a relay leaves, its child goes on through another parent without a gap in its frames', async () => {
  const { deps } = setup()
  const { streamId } = await goLive(deps(), 1)
  const a = await watch(deps(), streamId, 1)
  const b = await watch(deps(), streamId, 1)
  const c = await watch(deps(), streamId, 1)
  b.viewer.leave()
  const size = c.got.size
  await until(() => c.got.size > size + 60)
  expect(c.viewer.stats?.path).toContain(a.viewer.stats?.self)
  expect(c.viewer.stats?.depth).toBe(2)
  expect(missing(c.got)).toEqual([])
})

test('E-3 with the tracker gone running pictures go on; with it back a newcomer joins', async () => {
  const { deps, tracker } = setup()
  const { streamId } = await goLive(deps(), 1)
  const a = await watch(deps(), streamId, 1)
  tracker.setDown(true)
  const size = a.got.size
  await until(() => a.got.size > size + 60)
  expect(missing(a.got)).toEqual([])
  tracker.setDown(false)
  const b = await watch(deps(), streamId, 1)
  expect(b.viewer.stats?.depth).toBe(2)
})

test('E-4 the end of the stream is told down the tree, also without a tracker', async () => {
  const { deps, tracker } = setup()
  const { streamId, broadcaster } = await goLive(deps(), 1)
  const a = await watch(deps(), streamId, 1)
  const b = await watch(deps(), streamId, 1)
  tracker.setDown(true)
  await broadcaster.stopStream()
  await until(() => a.viewer.state.kind === 'ended' && b.viewer.state.kind === 'ended')
})

test('E-5 a stream id that nobody announces is a sentence, and aborting a join is its signal’s reason', async () => {
  const { deps } = setup()
  const nobody = streamIdFromBytes(new Uint8Array(32).fill(9))
  await expect(new Viewer(deps()).joinStream(nobody)).rejects.toMatchObject({ code: 'no-such-stream' })
  const aborted = new Viewer(deps()).joinStream(nobody, {
    signal: AbortSignal.abort(new Error('changed my mind')),
  })
  await expect(aborted).rejects.toThrow('changed my mind')
})
