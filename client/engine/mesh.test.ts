import { afterEach, expect, test } from 'vitest'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { createNodePeer } from '../headless/node-peer.ts'
import { Broadcaster } from './broadcaster.ts'
import type { EncodedFrame } from './events.ts'
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

test('E-1 frames reach viewers at depth 3 byte for byte', async () => {
  const { deps } = setup()
  const broadcaster = new Broadcaster(deps(), { slots: 1 })
  closers.push(() => broadcaster.close())
  const { streamId } = await broadcaster.startStream({ title: 'chain', tracks: [video] })
  const sent = new Map<number, string>()
  broadcaster.on('frame', frame => sent.set(frame.seq, Buffer.from(frame.payload).toString('base64')))
  const received: Map<number, string>[] = []
  const viewers: Viewer[] = []
  let seq = 0
  const timer = setInterval(() => {
    const payload = new Uint8Array(seq % 30 === 0 ? 40_000 : 2_000).fill(seq)
    const frame: EncodedFrame = {
      track: 0,
      timestampUs: seq * 33_333,
      durationUs: 33_333,
      isKey: seq % 30 === 0,
      temporalLayer: 0,
      payload,
    }
    seq += 1
    broadcaster.push(frame)
  }, 33)
  closers.push(() => clearInterval(timer))
  for (let index = 0; index < 3; index++) {
    const viewer = new Viewer(deps(), { slots: 1 })
    closers.push(() => viewer.close())
    const got = new Map<number, string>()
    viewer.on('frame', frame => got.set(frame.seq, Buffer.from(frame.payload).toString('base64')))
    received.push(got)
    viewers.push(viewer)
    await viewer.joinStream(streamId)
    await until(() => got.size > 5)
  }
  expect(viewers.map(viewer => viewer.stats?.depth)).toEqual([1, 2, 3])
  await until(() => received.every(got => got.size > 60))
  for (const got of received) for (const [key, text] of got) expect(text).toBe(sent.get(key))
})
