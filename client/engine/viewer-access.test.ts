import { afterEach, expect, test } from 'vitest'
import { FrameRing } from '../../shared/media/frame-ring.ts'
import type { PayTerms } from '../../shared/pay/payer-contract.ts'
import { streamIdFromBytes } from '../../shared/protocol/ids.ts'
import type { Manifest, VerifiedManifest } from '../../shared/protocol/manifest.ts'
import { createSigner, generateSeed } from '../../tracker/node-crypto.ts'
import type {
  AccessTaker,
  AccessTakerEvents,
  AccessTakerStart,
  EpochPosition,
} from './access/access-contract.ts'
import { WebContentOpener } from './access/content-opener.ts'
import type { AccessState } from './events.ts'
import type { MeshPeerEvents } from './mesh-contract.ts'
import { firstManifest, repricedManifest } from './stream-manifest.ts'
import { testVideo, until } from './testing/node-mesh.ts'
import { testPrice, WALLET } from './testing/paid-stream.ts'
import { TypedEmitter } from './typed-emitter.ts'
import { ViewerAccess } from './viewer-access.ts'

const STREAM = streamIdFromBytes(new Uint8Array(32).fill(4))

class NotedTaker extends TypedEmitter<AccessTakerEvents> implements AccessTaker {
  readonly positions: { epoch: number; isWatching: boolean }[] = []
  readonly creatorKeys: Uint8Array[] = []
  started: AccessTakerStart | undefined
  retries = 0
  start(start: AccessTakerStart): Promise<void> {
    this.started = start
    return Promise.resolve()
  }
  setCreatorKey(key: Uint8Array): Promise<void> {
    this.creatorKeys.push(key)
    return Promise.resolve()
  }
  receiveDown(): void {}
  setPosition({ epoch }: EpochPosition, isWatching: boolean): void {
    this.positions.push({ epoch, isWatching })
  }
  claimStalled(): void {}
  retry(): void {
    this.retries += 1
  }
  tick(): void {}
  leave(): Promise<void> {
    return Promise.resolve()
  }
  close(): void {}
}

class NotedMesh extends TypedEmitter<MeshPeerEvents> {
  readonly sent: string[] = []
  hasWarm = true
  left = 0
  sendUp(_body: Uint8Array, { via = 'parent' }: { via?: 'parent' | 'warm' } = {}) {
    this.sent.push(via)
    return Promise.resolve(via === 'warm' && !this.hasWarm ? undefined : 1)
  }
  upOrigin(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(32).fill(7))
  }
  leaveParent(): void {
    this.left += 1
  }
}

const keys = { creatorX25519: new Uint8Array(32).fill(1) }
const manifest: Manifest = firstManifest(
  { title: 'test', tracks: [testVideo] },
  { creator: { scheme: 'ed25519', publicKey: new Uint8Array(32) }, streamKey: new Uint8Array(32), wallMs: 0 },
  { price: testPrice, ...keys },
)
const verified = (of: Manifest): VerifiedManifest => ({
  manifest: of,
  streamId: STREAM,
  bytes: new Uint8Array(),
  hash: new Uint8Array(32),
})

let open: ViewerAccess | undefined
afterEach(() => open?.close())

function setup() {
  const taker = new NotedTaker()
  const mesh = new NotedMesh()
  const states: AccessState[] = []
  const terms: PayTerms[] = []
  const access = new ViewerAccess(
    { nowMs: () => 0, wallMs: () => 0 },
    mesh,
    { taker, opener: new WebContentOpener(STREAM) },
    {
      onFrame: () => {},
      onState: state => void states.push(state),
      onTerms: one => void terms.push(one),
      onCredit: () => {},
      onGrant: () => {},
    },
  )
  open = access
  const frameOf = (epoch: number) => {
    const header = {
      tag: new Uint8Array(8),
      track: 0,
      seq: epoch,
      epoch,
      timestampUs: epoch * 1_000_000,
      durationUs: 1,
      isKey: true,
      isEncrypted: true,
      temporalLayer: 0,
      length: 1,
      partHashes: new Uint8Array(16),
      signature: new Uint8Array(64),
    }
    access.frame(
      new FrameRing({ maxAgeUs: 1, maxBytes: 1 }).insert(header, new Uint8Array(1), new Uint8Array(1)),
    )
  }
  const unlock = (acceptedPrice = 1_000n) =>
    access.unlock({ wallet: WALLET, session: createSigner(generateSeed()), acceptedPrice })
  return { access, taker, mesh, states, terms, frameOf, unlock }
}

test('E-PAID-4 above the agreed price no key is asked for, from the last epoch before it on, until the viewer agrees', async () => {
  const { access, taker, states, terms, frameOf, unlock } = setup()
  access.setManifest(verified(manifest))
  await unlock()
  frameOf(5)
  expect(taker.positions.at(-1)).toEqual({ epoch: 5, isWatching: true })
  const dearer = repricedManifest(manifest, 2_000n, 5)
  // 30 s of 1 s epochs, and the one that is running.
  expect(dearer.priceFromEpoch).toBe(36)
  access.setManifest(verified(dearer))
  expect(terms).toEqual([
    { price: 1_000n, epochMs: 1_000, creditSeconds: 12 },
    { price: 1_000n, next: { price: 2_000n, fromEpoch: 36 }, epochMs: 1_000, creditSeconds: 12 },
  ])
  frameOf(34)
  expect(taker.positions.at(-1)).toEqual({ epoch: 34, isWatching: true })
  frameOf(35)
  expect(taker.positions.at(-1)).toEqual({ epoch: 35, isWatching: false })
  expect(states.at(-1)).toMatchObject({ kind: 'price-raised', price: 2_000n, fromEpoch: 36 })
  frameOf(36)
  expect(terms.at(-1)).toEqual({ price: 2_000n, epochMs: 1_000, creditSeconds: 12 })
  access.acceptPrice(2_000n)
  expect(taker.positions.at(-1)).toEqual({ epoch: 36, isWatching: true })
  expect(states.at(-1)?.kind).toBe('asking')
  expect([access.priceAt(35), access.priceAt(36)]).toEqual([1_000n, 2_000n])
})

test('E-PAID-4 who pauses does not ask', async () => {
  const { access, taker, frameOf, unlock } = setup()
  access.setManifest(verified(manifest))
  await unlock()
  frameOf(5)
  access.setWatching(false)
  expect(taker.positions.at(-1)).toEqual({ epoch: 5, isWatching: false })
  access.setWatching(true)
  expect(taker.positions.at(-1)).toEqual({ epoch: 5, isWatching: true })
})

test('E-PAID-3 whoever comes between a price change and its epoch learns both prices', () => {
  const { access, frameOf } = setup()
  access.setManifest(verified(repricedManifest(manifest, 500n, 5)))
  frameOf(6)
  expect(access.terms()).toEqual({
    price: 1_000n,
    next: { price: 500n, fromEpoch: 36 },
    epochMs: 1_000,
    creditSeconds: 12,
  })
})

test('E-PAID-3 no change below the notice, above the certificate, while one is announced, or from or to free', () => {
  const free = { ...manifest, pricePerSecond: 0n }
  for (const [of, price, epoch] of [
    [manifest, 5_001n, 5],
    [manifest, -1n, 5],
    [manifest, 0n, 5],
    [free, 100n, 5],
    [repricedManifest(manifest, 2_000n, 5), 100n, 35],
  ] as const) {
    expect(() => repricedManifest(of, price, epoch)).toThrow(expect.objectContaining({ code: 'bad-price' }))
  }
  expect(repricedManifest(repricedManifest(manifest, 2_000n, 5), 100n, 36)).toMatchObject({
    pricePerSecond: 100n,
    priceBefore: 2_000n,
    rev: 2,
  })
})

test('E-RESUME-1 a new key in the manifest is the creator’s page loaded again: the session is introduced to it', async () => {
  const { access, taker, unlock } = setup()
  access.setManifest(verified(manifest))
  await unlock()
  expect(taker.started).toMatchObject({ wallet: WALLET, creatorKey: keys.creatorX25519, epochMs: 1_000 })
  const creatorX25519 = new Uint8Array(32).fill(2)
  access.setManifest(verified({ ...manifest, creatorX25519, rev: 1 }))
  expect(taker.creatorKeys).toEqual([creatorX25519])
})

test('O-UP-5 without a second parent the first is asked again; O-UP-6 two misses look past it; a new parent is asked anew', async () => {
  const { access, mesh, taker, unlock } = setup()
  access.setManifest(verified(manifest))
  await unlock()
  mesh.hasWarm = false
  taker.emit('up', { body: new Uint8Array(1), via: 'warm' })
  await until(() => mesh.sent.length === 2)
  expect(mesh.sent).toEqual(['warm', 'parent'])
  taker.emit('missing', { epoch: 1 })
  expect(mesh.left).toBe(1)
  mesh.emit('parent', undefined)
  expect(taker.retries).toBe(0)
  mesh.emit('parent', '12D3KooWparent' as never)
  expect(taker.retries).toBe(1)
})

test('E-PAID-1 a free stream needs nobody’s leave', () => {
  const { access, states } = setup()
  const { creatorX25519: _none, ...rest } = manifest
  access.setManifest(verified({ ...rest, pricePerSecond: 0n }))
  expect(states).toEqual([{ kind: 'free' }])
  expect(access.priceAt(3)).toBe(0n)
})
