import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSigner, nodeCrypto } from '../../tracker/node-crypto.ts'
import { type Announcement, peekAnnouncement, verifyAnnouncement, withManifest } from './announcement.ts'
import type { CryptoPort } from './crypto-port.ts'
import { AnnouncementPayload, AnnouncementRecord } from './generated/records.ts'
import { streamIdFromBytes } from './ids.ts'
import { ANNOUNCEMENT_MAX_BYTES } from './limits.ts'
import { reviseManifest, type VerifiedManifest } from './manifest.ts'
import { signingInput } from './signing.ts'
import { filled } from './testing/message-examples.ts'
import { mulberry32, mutate } from './testing/mutate.ts'
import { refusalOf, refusalOfAsync } from './testing/refusal.ts'
import { EXAMPLE_NOW_MS, signExampleAnnouncement, signExampleManifest } from './testing/signed-records.ts'

const keys = {
  account: createSigner(filled(32, 0x21)),
  stream: createSigner(filled(32, 0x22)),
  crypto: nodeCrypto,
}
const manifest = await signExampleManifest(keys)
const full = await signExampleAnnouncement(keys, manifest, true)
const short = await signExampleAnnouncement(keys, manifest, false)
const verify = (bytes: Uint8Array, known?: VerifiedManifest, nowMs = EXAMPLE_NOW_MS) =>
  verifyAnnouncement(bytes, known, nodeCrypto, nowMs)
const refusal = (bytes: Uint8Array, known?: VerifiedManifest, nowMs?: number) =>
  refusalOfAsync(() => verify(bytes, known, nowMs))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const place = {
  block: 70_000,
  blockHash: filled(32, 0x81),
  extrinsicHash: filled(32, 0x82),
  manifestHash: filled(32, 0x83),
}

/** An announcement whose payload was changed on the wire, signed again by its stream key. */
function resigned(change: Partial<AnnouncementPayload>): Uint8Array {
  const record = AnnouncementRecord.decode(full.bytes)
  const payload = AnnouncementPayload.encode({ ...AnnouncementPayload.decode(record.payload), ...change })
  const signature = keys.stream.sign(signingInput('announcement', payload))
  return AnnouncementRecord.encode({ ...record, payload, signature })
}

describe('W-REC-7 announcement', () => {
  test('W-REC-7 golden record', () => {
    const id = hex(AnnouncementPayload.decode(AnnouncementRecord.decode(short.bytes).payload).streamId)
    const payload = [
      '0a20',
      id,
      '1220',
      hex(manifest.hash),
      '1807',
      '2080d0dfb4ab33',
      '300c',
      '3a0a',
      '0801',
      '108407',
      '188087a70e',
      '3a0a',
      '0802',
      '10dc0b',
      '1890d5a70e',
      '4220',
      '77'.repeat(32),
    ].join('')
    const signature = hex(keys.stream.sign(signingInput('announcement', Buffer.from(payload, 'hex'))))
    const start = `0a${(payload.length / 2).toString(16)}01${payload}1240${signature}`
    expect(hex(short.bytes)).toBe(start)
    expect(hex(full.bytes)).toBe(
      `${start}1a${hex(full.bytes).slice(start.length + 2, start.length + 6)}${hex(manifest.bytes)}`,
    )
  })

  test('W-REC-7 what was signed is what is read', async () => {
    expect(await verify(full.bytes)).toEqual(full)
    expect(await verify(short.bytes, manifest)).toEqual(short)
    const bare = await signExampleAnnouncement(keys, manifest, false, { status: 'ended', heads: [] })
    expect((await verify(bare.bytes, manifest)).announcement).toEqual(bare.announcement)
  })

  test('W-REC-7 an announcement outlives the buffer that it came in', async () => {
    const buffer = Buffer.from(full.bytes)
    const verified = await verify(buffer)
    buffer.fill(0)
    expect(verified.bytes).toEqual(full.bytes)
  })

  test('W-REC-7 the largest manifest still fits', async () => {
    const tracks = Array.from({ length: 8 }, (_, id) => ({
      ...manifest.manifest.tracks[0],
      id,
      description: filled(1_024, 1),
    }))
    const large = await signExampleManifest(keys, {
      tracks: tracks as typeof manifest.manifest.tracks,
      description: 'a'.repeat(1_800),
    })
    expect(large.bytes.length).toBeGreaterThan(10.5 * 1024)
    const heads = tracks.map(({ id }) => ({ track: id, seq: 2 ** 48 - 1, timestampUs: 2 ** 48 - 1 }))
    const announced = await signExampleAnnouncement(keys, large, true, { heads, record: place })
    expect((await verify(announced.bytes)).announcement.heads).toEqual(heads)
  })

  test.each<[string, Partial<AnnouncementPayload>, string]>([
    ['a short stream id', { streamId: filled(31, 1) }, 'bad-field'],
    ['a short manifest hash', { manifestHash: filled(31, 1) }, 'bad-field'],
    ['a short picture hash', { pictureHash: filled(31, 1) }, 'bad-field'],
    ['another stream’s id', { streamId: filled(32, 1) }, 'wrong-stream'],
    ['another manifest’s hash', { manifestHash: filled(32, 1) }, 'bad-field'],
    [
      'nine heads',
      { heads: Array.from({ length: 9 }, (_, track) => ({ track, seq: 1, timestampUs: 1 })) },
      'too-large',
    ],
    ['two heads of a track', { heads: [1, 2].map(seq => ({ track: 1, seq, timestampUs: 1 })) }, 'bad-field'],
    ['the head of a track that is not', { heads: [{ track: 3, seq: 1, timestampUs: 1 }] }, 'bad-field'],
    ['a head at seq 2^48', { heads: [{ track: 1, seq: 2 ** 48, timestampUs: 1 }] }, 'bad-field'],
    ['a head at 2^48 µs', { heads: [{ track: 1, seq: 1, timestampUs: 2 ** 48 }] }, 'bad-field'],
  ])('W-REC-7 %s is refused', async (_, change, code) => {
    expect(await refusal(resigned(change))).toBe(code)
  })

  test('W-REC-11 golden place on chain: one field behind the others', async () => {
    const announced = await signExampleAnnouncement(keys, manifest, false, { record: place })
    const [without, having] = [short.bytes, announced.bytes].map(bytes =>
      hex(AnnouncementRecord.decode(bytes).payload),
    )
    const field = `4a6a08f0a2041220${'81'.repeat(32)}1a20${'82'.repeat(32)}2220${'83'.repeat(32)}`
    expect(having).toBe(`${without}${field}`)
    expect((await verify(announced.bytes, manifest)).announcement).toEqual(announced.announcement)
    expect(announced.announcement.record).toEqual(place)
    expect(short.announcement).not.toHaveProperty('record')
  })

  test('W-REC-11 what is signed of a place is what is read, and nothing else changes', async () => {
    const hash = () => fc.uint8Array({ minLength: 32, maxLength: 32 })
    const places = fc.record({
      block: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      blockHash: hash(),
      extrinsicHash: hash(),
      manifestHash: hash(),
    })
    await fc.assert(
      fc.asyncProperty(places, async record => {
        const signed = await signExampleAnnouncement(keys, manifest, false, { record })
        const { announcement } = await verify(signed.bytes, manifest)
        expect(announcement).toEqual({ ...short.announcement, record })
      }),
      { numRuns: 100 },
    )
  })

  test.each<[string, Partial<typeof place>]>([
    ['a block', { blockHash: filled(31, 1) }],
    ['an extrinsic', { extrinsicHash: filled(33, 1) }],
    ['a manifest', { manifestHash: new Uint8Array() }],
  ])('W-REC-11 a place needs the whole hash of %s', async (_, change) => {
    const record = { ...place, ...change }
    expect(await refusal(resigned({ record }))).toBe('bad-field')
    expect(await refusalOfAsync(() => signExampleAnnouncement(keys, manifest, true, { record }))).toBe(
      'bad-field',
    )
  })

  test('W-REC-7 a record past 12 KiB is refused', async () => {
    expect(await refusal(new Uint8Array(ANNOUNCEMENT_MAX_BYTES + 1))).toBe('too-large')
    expect(refusalOf(() => peekAnnouncement(new Uint8Array(ANNOUNCEMENT_MAX_BYTES + 1)))).toBe('too-large')
  })

  test.each<[string, Partial<Announcement>, string]>([
    ['another stream', { streamId: streamIdFromBytes(filled(32, 1)) }, 'wrong-stream'],
    ['another manifest', { manifestHash: filled(32, 1) }, 'bad-field'],
    ['a track that is not', { heads: [{ track: 9, seq: 0, timestampUs: 0 }] }, 'bad-field'],
  ])('W-REC-7 a creator cannot announce %s', async (_, change, code) => {
    expect(await refusalOfAsync(() => signExampleAnnouncement(keys, manifest, true, change))).toBe(code)
  })

  test('W-REC-7 no byte can be changed', async () => {
    for (let at = 0; at < full.bytes.length; at += 7) {
      const changed = new Uint8Array(full.bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await refusal(changed)).toBeDefined()
    }
  })

  test('W-REC-7 signed by any other key, or as anything else, it is refused', async () => {
    const record = AnnouncementRecord.decode(full.bytes)
    const by = (signature: Uint8Array) => refusal(AnnouncementRecord.encode({ ...record, signature }))
    expect(await by(record.signature)).toBeUndefined()
    expect(await by(keys.account.sign(signingInput('announcement', record.payload)))).toBe('bad-signature')
    expect(await by(keys.stream.sign(signingInput('manifest', record.payload)))).toBe('bad-signature')
    expect(await by(record.signature.subarray(1))).toBe('bad-field')
  })
})

describe('W-REC-8 the manifest at hand', () => {
  test('W-REC-8 without a manifest inside, the known one must be the announced one', async () => {
    const revised = await reviseManifest(manifest, { ...manifest.manifest, rev: 2 }, keys.stream, nodeCrypto)
    const others = await signExampleManifest({ ...keys, stream: createSigner(filled(32, 0x23)) })
    expect(await refusal(short.bytes, manifest)).toBeUndefined()
    expect(await refusal(short.bytes)).toBe('bad-field')
    expect(await refusal(short.bytes, revised)).toBe('bad-field')
    expect(await refusal(short.bytes, others)).toBe('bad-field')
  })

  test('W-REC-8 the manifest inside must be the announced one', async () => {
    const revised = await reviseManifest(manifest, { ...manifest.manifest, rev: 2 }, keys.stream, nodeCrypto)
    const record = AnnouncementRecord.decode(short.bytes)
    expect(await refusal(AnnouncementRecord.encode({ ...record, manifest: revised.bytes }))).toBe('bad-field')
  })

  test('W-REC-8 a known manifest is not verified again, but may have run out', async () => {
    let verified = 0
    const crypto: CryptoPort = {
      ...nodeCrypto,
      verify: (...args) => {
        verified++
        return nodeCrypto.verify(...args)
      },
    }
    await verifyAnnouncement(full.bytes, undefined, crypto, EXAMPLE_NOW_MS)
    expect(verified).toBe(3)
    await verifyAnnouncement(full.bytes, manifest, crypto, EXAMPLE_NOW_MS)
    expect(verified).toBe(4)
    const late = manifest.manifest.certificate.notAfter + 1
    expect(await refusal(short.bytes, manifest, late)).toBe('expired')
    expect(await refusal(full.bytes, undefined, late)).toBe('expired')
  })

  test('W-REC-8 the manifest can be put back for whoever joins', async () => {
    expect(withManifest(full)).toBe(full.bytes)
    const again = await verify(withManifest(short))
    expect(again.announcement).toEqual(short.announcement)
    expect(withManifest(short)).toEqual(full.bytes)
  })
})

test('W-REC-9 a peek tells what is claimed', () => {
  const claimed = { streamId: manifest.streamId, manifestHash: manifest.hash, seq: 7 }
  expect(peekAnnouncement(full.bytes)).toEqual({ ...claimed, hasManifest: true })
  expect(peekAnnouncement(short.bytes)).toEqual({ ...claimed, hasManifest: false })
  expect(refusalOf(() => peekAnnouncement(new Uint8Array()))).toBe('bad-field')
})

test('W-REC-7 a mutated announcement is refused by WireError alone', async () => {
  const yes: CryptoPort = { sha256: () => filled(32, 1), verify: () => true }
  await fc.assert(
    fc.asyncProperty(fc.integer(), async seed => {
      const bytes = mutate(full.bytes, short.bytes, mulberry32(seed), ANNOUNCEMENT_MAX_BYTES)
      await refusalOfAsync(() => verifyAnnouncement(bytes, undefined, yes, EXAMPLE_NOW_MS))
      refusalOf(() => peekAnnouncement(bytes))
    }),
    { numRuns: 1_000 },
  )
})
