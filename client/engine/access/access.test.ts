import { expect, test } from 'vitest'
import type { Evidence } from '../../../shared/pay/evidence.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { streamIdFromBytes, streamIdToBytes } from '../../../shared/protocol/ids.ts'
import { generateWebSigner, webCrypto } from '../crypto/web-crypto.ts'
import type { Logger } from '../ports.ts'
import { AccessError, type AccessGiverOptions, type AccessKey } from './access-contract.ts'
import { AccessGiverShell, remarkHash } from './access-giver.ts'
import { AccessTakerShell } from './access-taker.ts'
import { WebContentCipher } from './content-cipher.ts'
import { WebContentOpener } from './content-opener.ts'
import { generateAccessKey } from './sealing.ts'

const STREAM = streamIdFromBytes(new Uint8Array(32).fill(9))
const PAYOUT = `0x${'ee'.repeat(32)}`
const EPOCH_MS = 4_000
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  scope: () => silent,
}
const HEADER = {
  track: 1,
  seq: 0,
  epoch: 10,
  timestampUs: 0,
  durationUs: 33_000,
  isKey: true,
  temporalLayer: 0,
}

type TestViewer = {
  readonly origin: Uint8Array
  readonly taker: AccessTakerShell
  readonly keys: Map<number, Uint8Array>
  readonly refused: string[]
  readonly ups: Uint8Array[]
  readonly missing: number[]
  readonly account: string
  readonly signer: Signer
  /** Whether what it says is lost. */
  cut(value: boolean): void
  nextCounter(): number
}

/** A creator's page, viewers, and a wire between them that loses nothing unless told. */
class Rig {
  nowMs = 0
  readonly clock = { nowMs: () => this.nowMs, wallMs: () => 1_700_000_000_000 + this.nowMs }
  cipher = new WebContentCipher(STREAM)
  giver: AccessGiverShell
  readonly viewers: TestViewer[] = []
  readonly downs: { readonly target: string; readonly body: Uint8Array }[] = []
  readonly key: AccessKey
  readonly options: Partial<AccessGiverOptions>

  constructor(key: AccessKey, options: Partial<AccessGiverOptions> = {}) {
    this.key = key
    this.options = options
    this.giver = this.newGiver(key)
  }

  newGiver(key: AccessKey, more: Partial<AccessGiverOptions> = {}): AccessGiverShell {
    const giver = new AccessGiverShell(
      { crypto: webCrypto, clock: this.clock, logger: silent },
      {
        streamId: STREAM,
        key,
        cipher: this.cipher,
        epochMs: EPOCH_MS,
        creditSeconds: 12,
        previewSeconds: 0,
        pricePerSecond: 1_000n,
        payout: PAYOUT,
        budgetAccount: (_wallet, session) => session,
        ...this.options,
        ...more,
      },
    )
    giver.on('down', down => {
      const target = hexText(down.target)
      this.downs.push({ target, body: down.body })
      for (const viewer of this.viewers) if (hexText(viewer.origin) === target) viewer.taker.receiveDown(down)
    })
    return giver
  }

  async viewer(wallet: number, session?: Signer): Promise<TestViewer> {
    const signer = session ?? (await generateWebSigner())
    const { publicKey: origin } = await generateWebSigner()
    const taker = new AccessTakerShell({ clock: this.clock, logger: silent, random: () => 0 })
    const keys = new Map<number, Uint8Array>()
    const refused: string[] = []
    const ups: Uint8Array[] = []
    const missing: number[] = []
    let counter = 0
    let isCut = false
    taker.on('key', ({ epoch, key }) => keys.set(epoch, key))
    taker.on('refused', ({ code }) => refused.push(code))
    taker.on('missing', ({ epoch }) => missing.push(epoch))
    taker.on('up', ({ body }) => {
      counter++
      ups.push(body)
      if (!isCut) this.giver.receiveUp({ origin, counter, body })
    })
    const account = hexText(new Uint8Array(32).fill(wallet))
    const start = (creatorKey = this.key.publicKey) =>
      taker.start({
        streamId: STREAM,
        creatorKey,
        origin,
        wallet: account,
        session: signer,
        epochMs: EPOCH_MS,
        creditSeconds: 12,
      })
    await start()
    const viewer = {
      origin,
      taker,
      keys,
      refused,
      ups,
      missing,
      account,
      signer,
      cut: (value: boolean) => {
        isCut = value
      },
      nextCounter: () => ++counter,
    }
    this.viewers.push(viewer)
    return viewer
  }

  fund(viewer: { readonly account: string; readonly signer: Signer }, first = 0n): void {
    const block = { number: 1, hash: '0x01' }
    const session = hexText(viewer.signer.publicKey)
    const funded: Evidence = {
      kind: 'funded',
      place: { block, index: 1 },
      wallet: viewer.account,
      remarkHash: remarkHash(streamIdToBytes(STREAM), viewer.signer.publicKey),
      moved: [
        { to: session, planck: 1_000_000n },
        { to: PAYOUT, planck: first },
      ],
    }
    this.giver.evidence(funded)
    this.giver.evidence({ kind: 'finalised', block })
  }

  /** Time passes in steps of 100 ms; everything said is heard before the next. */
  async pass(ms: number): Promise<void> {
    for (let end = this.nowMs + ms; this.nowMs < end; ) {
      this.nowMs += 100
      const epoch = 10 + Math.floor(this.nowMs / EPOCH_MS)
      const position = { epoch, intoMs: this.nowMs % EPOCH_MS }
      this.giver.setPosition(position, this.nowMs)
      this.giver.tick(this.nowMs)
      for (const { taker } of this.viewers) {
        taker.setPosition(position, true, this.nowMs)
        taker.tick(this.nowMs)
      }
      await this.idle()
    }
  }

  async idle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      for (const { taker } of this.viewers) await taker.idle()
      await this.giver.idle()
    }
  }
}

async function rig(options: Partial<AccessGiverOptions> = {}): Promise<Rig> {
  return new Rig(await generateAccessKey(), options)
}

test('A-GRANT-1 a funded viewer opens what the creator seals, on credit only, and again once it pays', async () => {
  const r = await rig()
  const viewer = await r.viewer(1)
  r.fund(viewer)
  await r.pass(8_000)
  const opener = new WebContentOpener(STREAM)
  for (const [epoch, key] of viewer.keys) opener.addKey(epoch, key)
  const payload = crypto.getRandomValues(new Uint8Array(1_000))
  const header = { ...HEADER, epoch: 11 }
  const sealed = await r.cipher.encrypt(header, payload)
  expect(sealed).toHaveLength(1_016)
  expect(await opener.open({ ...header, payload: sealed })).toEqual(payload)
  expect(await opener.open({ ...header, isKey: false, payload: sealed })).toBeUndefined()
  await r.pass(16_000)
  expect([...viewer.keys.keys()]).toEqual([10, 11, 12])
  expect(viewer.refused).toContain('unpaid')
  const paid: Evidence = {
    kind: 'paid',
    place: { block: { number: 2, hash: '0x02' }, index: 0 },
    from: hexText(viewer.signer.publicKey),
    planck: 12_000n,
  }
  r.giver.evidence(paid)
  await r.pass(200)
  expect(viewer.keys.has(16)).toBe(true)
  r.giver.close()
})

test('A-GRANT-2 each grant is 64 bytes, wrapped once, and the same bytes come again', async () => {
  const r = await rig()
  const viewer = await r.viewer(1)
  r.fund(viewer)
  await r.pass(1_000)
  viewer.taker.retry(r.nowMs)
  const grants = () => r.downs.filter(({ body }) => body[0] === 0x21)
  expect(grants()).toHaveLength(1)
  const second = new AccessTakerShell({ clock: r.clock, logger: silent, random: () => 0 })
  // The first request of this viewer, once more and fresh to the mesh, but with the same keys inside.
  r.giver.receiveUp({
    origin: viewer.origin,
    counter: viewer.nextCounter(),
    body: viewer.ups[0] ?? new Uint8Array(),
  })
  await r.idle()
  second.close()
  const bodies = grants().map(({ body }) => hexText(body))
  expect(bodies).toHaveLength(2)
  expect(bodies[1]).toBe(bodies[0])
  expect(grants()[0]?.body).toHaveLength(64)
  expect(r.giver.rows()[0]?.owed).toBe(3_900n)
})

test('A-REQ-1 what another origin replays does not open, nor what was meant for another load', async () => {
  const r = await rig()
  const viewer = await r.viewer(1)
  r.fund(viewer)
  await r.pass(1_000)
  const thief = (await generateWebSigner()).publicKey
  const before = r.downs.length
  for (const [index, body] of viewer.ups.entries())
    r.giver.receiveUp({ origin: thief, counter: index + 1, body })
  // The same origin again: the mesh would not let it through, and neither does the giver.
  for (const [index, body] of viewer.ups.entries())
    r.giver.receiveUp({ origin: viewer.origin, counter: index + 1, body })
  await r.idle()
  expect(r.downs).toHaveLength(before)
  const other = r.newGiver(await generateAccessKey())
  other.receiveUp({ origin: viewer.origin, counter: 1, body: viewer.ups[0] ?? new Uint8Array() })
  await other.idle()
  expect(r.downs).toHaveLength(before)
})

test('A-REQ-2 a session named by who does not hold its key, or a stranger’s wallet, gets no key', async () => {
  const r = await rig()
  const rich = await r.viewer(1)
  r.fund(rich)
  const forger = await r.viewer(1, { publicKey: rich.signer.publicKey, sign: () => new Uint8Array(64) })
  const namesake = await r.viewer(1)
  await r.pass(10_000)
  expect(rich.keys.size).toBeGreaterThan(1)
  expect(forger.keys.size).toBe(0)
  expect(namesake.keys.size).toBe(0)
  expect(namesake.refused).toContain('not-funded')
})

test('A-SEAL-2 neither account nor key can be read from what is carried', async () => {
  const r = await rig()
  const viewer = await r.viewer(7)
  r.fund(viewer)
  await r.pass(7_000)
  await viewer.taker.leave(500)
  await r.idle()
  const carried = [...viewer.ups, ...r.downs.map(({ body }) => body)]
    .map(body => hexText(body).slice(2))
    .join(' ')
  expect(viewer.keys.size).toBe(3)
  const secrets = [...viewer.keys.values(), viewer.signer.publicKey].map(bytes => hexText(bytes).slice(2))
  for (const secret of [...secrets, viewer.account.slice(2)]) expect(carried).not.toContain(secret)
})

test('A-BIND-3 of three sharers of one session at most one gets each epoch’s key', async () => {
  const r = await rig({ creditSeconds: 600 })
  const first = await r.viewer(1)
  r.fund(first)
  await r.pass(2_000)
  const second = await r.viewer(1, first.signer)
  const third = await r.viewer(1, first.signer)
  await r.pass(100_000)
  const holders = new Map<number, number>()
  for (const { keys } of [first, second, third]) {
    for (const epoch of keys.keys()) holders.set(epoch, (holders.get(epoch) ?? 0) + 1)
  }
  expect(Math.max(...holders.values())).toBe(1)
  expect(first.refused).toContain('superseded')
  expect(second.refused.includes('too-soon') || third.refused.includes('too-soon')).toBe(true)
})

test('A-LIFE-1 after the creator’s page was loaded again a viewer goes on with new keys and the old figures', async () => {
  const r = await rig()
  const viewer = await r.viewer(1)
  r.fund(viewer, 100_000n)
  await r.pass(6_000)
  const owed = r.giver.rows()[0]?.owed ?? 0n
  const snapshot = JSON.parse(JSON.stringify(r.giver.snapshot()))
  expect(JSON.stringify(snapshot)).not.toContain(hexText(viewer.keys.get(11) ?? new Uint8Array()).slice(2))
  r.giver.close()
  const key = await generateAccessKey()
  r.cipher = new WebContentCipher(STREAM)
  r.giver = r.newGiver(key, { snapshot, cipher: r.cipher })
  await viewer.taker.setCreatorKey(key.publicKey)
  const before = new Map(viewer.keys)
  await r.pass(6_000)
  const fresh = [...viewer.keys.keys()].filter(epoch => !before.has(epoch))
  expect(fresh).toContain(12)
  expect(r.giver.rows()[0]?.paid).toBe(100_000n)
  expect(r.giver.rows()[0]?.owed).toBeGreaterThan(owed)
})

test('A-TAKE-3 two questions without an answer: the parent is left, and the viewer introduces itself again', async () => {
  const r = await rig({ creditSeconds: 60 })
  const viewer = await r.viewer(1)
  r.fund(viewer)
  await r.pass(1_000)
  viewer.cut(true)
  await r.pass(6_000)
  expect(viewer.missing).toEqual([11])
  expect(viewer.ups.at(-1)?.[0]).toBe(0x11)
  viewer.cut(false)
  await r.pass(3_000)
  expect(viewer.keys.has(12)).toBe(true)
})

test('A-CONTENT-2 no nonce twice, and no second key for an epoch that is over', async () => {
  const cipher = new WebContentCipher(STREAM)
  await cipher.encrypt(HEADER, new Uint8Array(1))
  const again = cipher.encrypt({ ...HEADER, epoch: 11 }, new Uint8Array(1))
  await expect(again).rejects.toMatchObject({ code: 'nonce-repeat' })
  await cipher.encrypt({ ...HEADER, track: 2 }, new Uint8Array(1))
  const key = cipher.keyOf(10)
  cipher.forgetBefore(11)
  expect(() => cipher.keyOf(10)).toThrow(AccessError)
  expect(cipher.keyOf(11)).not.toEqual(key)
})

test('A-WIRE-5 noise on both sides moves nothing', async () => {
  const r = await rig()
  const viewer = await r.viewer(1)
  r.fund(viewer)
  await r.pass(500)
  const before = r.downs.length
  for (const kind of [0x11, 0x12, 0x13, 0x21, 0x22]) {
    for (const length of [1, 25, 29, 64, 89, 220, 1_024]) {
      const body = crypto.getRandomValues(new Uint8Array(length))
      body[0] = kind
      r.giver.receiveUp({ origin: viewer.origin, counter: viewer.nextCounter(), body })
      viewer.taker.receiveDown({ counter: 0, body })
    }
  }
  expect(r.giver.receiveUp({ origin: viewer.origin, counter: 999, body: Uint8Array.of(0x31) })).toBe(false)
  await r.idle()
  expect(r.downs).toHaveLength(before)
  expect([...viewer.keys.keys()]).toEqual([10])
})

test('A-PULL-2 a relay that says the creator’s old words again moves nothing: neither terms nor figures', async () => {
  const r = await rig({ creditSeconds: 60 })
  const viewer = await r.viewer(1)
  r.fund(viewer)
  await r.pass(1_000)
  const old = [...r.downs]
  expect(old.map(({ body }) => body[0])).toEqual(expect.arrayContaining([0x21, 0x22]))
  await r.pass(8_000)
  const told: bigint[] = []
  viewer.taker.on('terms', ({ owedPlanck }) => told.push(owedPlanck))
  for (const { body } of old) viewer.taker.receiveDown({ counter: 1, body })
  await viewer.taker.idle()
  expect(told).toEqual([])
  r.giver.close()
})

test('A-CHAIN-3 a creator that does not see a session says nothing of its money: nobody takes that for not being credited', async () => {
  const r = await rig()
  const viewer = await r.viewer(1)
  const told: bigint[] = []
  viewer.taker.on('terms', ({ creditedPlanck }) => told.push(creditedPlanck))
  await r.pass(1_000)
  expect(viewer.refused).toContain('not-funded')
  expect(told).toEqual([])
  r.fund(viewer, 5_000n)
  await r.pass(3_000)
  expect(told.at(-1)).toBe(5_000n)
  r.giver.close()
})
