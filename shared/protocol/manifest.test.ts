import { createHash } from 'node:crypto'
import { Keyring } from '@polkadot/keyring'
import { cryptoWaitReady } from '@polkadot/util-crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSigner, nodeCrypto } from '../../tracker/node-crypto.ts'
import { signRawInput } from './account-signature.ts'
import type { CryptoPort } from './crypto-port.ts'
import { ManifestPayload, SignedRecord } from './generated/records.ts'
import { streamIdToBytes } from './ids.ts'
import { MANIFEST_MAX_BYTES } from './limits.ts'
import {
  certificateText,
  deriveStreamId,
  type Manifest,
  reviseManifest,
  signManifest,
  type Track,
  verifyManifest,
} from './manifest.ts'
import { signingInput } from './signing.ts'
import { filled, goldenText } from './testing/message-examples.ts'
import { mulberry32, mutate } from './testing/mutate.ts'
import { refusalOfAsync } from './testing/refusal.ts'
import { EXAMPLE_NOW_MS, exampleManifest, signExampleManifest } from './testing/signed-records.ts'

const keys = {
  account: createSigner(filled(32, 0x21)),
  stream: createSigner(filled(32, 0x22)),
  crypto: nodeCrypto,
}
const base = exampleManifest(keys)
const [video, audio] = base.tracks as [Track, Track]
const verify = (bytes: Uint8Array, nowMs = EXAMPLE_NOW_MS) => verifyManifest(bytes, nodeCrypto, nowMs)
const refusal = (bytes: Uint8Array, nowMs?: number) => refusalOfAsync(() => verify(bytes, nowMs))
const text = (value: string) => Buffer.from(value).toString('hex')

/** A manifest whose payload was changed on the wire, signed again by its stream key. */
async function resigned(change: Partial<ManifestPayload>): Promise<Uint8Array> {
  const { bytes } = await signExampleManifest(keys)
  return sealed({ ...ManifestPayload.decode(SignedRecord.decode(bytes).payload), ...change })
}

function sealed(message: Partial<ManifestPayload>): Uint8Array {
  const payload = ManifestPayload.encode(message)
  return SignedRecord.encode({ payload, signature: keys.stream.sign(signingInput('manifest', payload)) })
}

describe('W-REC-3 manifest', () => {
  test('W-REC-3 golden payload', async () => {
    const { payload } = SignedRecord.decode((await signExampleManifest(keys)).bytes)
    const certificate = certificateText(base.certificate)
    const signed = Buffer.from(keys.account.sign(Buffer.from(`<Bytes>${certificate}</Bytes>`)))
    const golden = [
      '0ae3030a9e03',
      text(certificate),
      '1240',
      signed.toString('hex'),
      '1219',
      text('Live ☕ from the kitchen'),
      '1a18',
      text('Two lines,\nnothing more.'),
      '2207',
      text('cooking'),
      '2a20',
      '0801',
      '1a0b',
      text('avc1.42001f'),
      '20800a',
      '28d005',
      '3092ea01',
      '38a0cb9801',
      '5802',
      '2a19',
      '0802',
      '1001',
      '1a04',
      text('opus'),
      '3880ee05',
      '4080f702',
      '4802',
      '5203010203',
      '320130',
      '50a01f',
      '621a',
      text('/ip4/127.0.0.1/tcp/8080/ws'),
      '6801',
    ]
    expect(Buffer.from(payload).toString('hex')).toBe(golden.join(''))
  })

  test('W-REC-3 what was signed is what is read', async () => {
    const signed = await signExampleManifest(keys)
    expect(signed.manifest).toEqual(base)
    expect(await verify(signed.bytes)).toEqual(signed)
    expect(signed.hash).toEqual(new Uint8Array(createHash('sha256').update(signed.bytes).digest()))
  })

  test('W-REC-3 a manifest outlives the buffer that it came in', async () => {
    const { bytes } = await signExampleManifest(keys)
    const buffer = Buffer.from(bytes)
    const verified = await verify(buffer)
    buffer.fill(0)
    expect(verified.bytes).toEqual(bytes)
  })

  test('W-REC-3 a paid stream', async () => {
    const certificate = {
      ...base.certificate,
      payout: filled(32, 3),
      chain: filled(32, 4),
      asset: '1984',
      maxPrice: 10n ** 30n,
    }
    const paid: Partial<Manifest> = {
      certificate,
      pricePerSecond: 10n ** 30n,
      priceFromEpoch: 9,
      priceBefore: 7n,
      previewSeconds: 10,
      creditSeconds: 12,
      creatorX25519: filled(32, 5),
    }
    const signed = await signExampleManifest(keys, paid)
    expect((await verify(signed.bytes)).manifest).toEqual({ ...base, ...paid })
    const above = await refusalOfAsync(() =>
      signExampleManifest(keys, { ...paid, pricePerSecond: 10n ** 30n + 1n }),
    )
    expect(above).toBe('bad-field')
    const { creatorX25519: _, ...keyless } = paid
    expect(await refusalOfAsync(() => signExampleManifest(keys, keyless))).toBe('bad-field')
  })

  test.each<[string, Partial<ManifestPayload>, string]>([
    [
      'a certificate signature of 63 bytes',
      { certificate: { text: certificateText(base.certificate), signature: filled(63, 1) } },
      'bad-field',
    ],
    [
      'a certificate signature of 66 bytes',
      { certificate: { text: certificateText(base.certificate), signature: filled(66, 1) } },
      'too-large',
    ],
    ['a title of 121', { title: 'a'.repeat(121) }, 'too-large'],
    ['a title of two lines', { title: 'a\nb' }, 'bad-field'],
    ['a description of 2,001', { description: 'a'.repeat(2_001) }, 'too-large'],
    ['a description that moves the cursor', { description: '\x1b[2J' }, 'bad-field'],
    ['a category of 41', { category: 'a'.repeat(41) }, 'too-large'],
    ['no tracks', { tracks: [] }, 'bad-field'],
    ['a price with a sign', { pricePerSecond: '+0' }, 'bad-field'],
    ['a price of nothing', { pricePerSecond: '' }, 'bad-field'],
    ['a price above the certified', { pricePerSecond: '1' }, 'bad-field'],
    ['a price before above the certified', { priceBefore: '1' }, 'bad-field'],
    ['a price before with a point', { priceBefore: '0.1' }, 'bad-field'],
    ['a preview past a day', { previewSeconds: 86_401 }, 'bad-field'],
    ['credit past a day', { creditSeconds: 86_401 }, 'bad-field'],
    ['an epoch under a second', { epochMs: 999 }, 'bad-field'],
    ['an epoch past ten minutes', { epochMs: 600_001 }, 'bad-field'],
    ['an X25519 key of 31 bytes', { creatorX25519: filled(31, 1) }, 'bad-field'],
    ['nine trackers', { trackers: Array.from({ length: 9 }, (_, n) => `/dns4/${n}`) }, 'too-large'],
    ['a tracker twice', { trackers: ['/dns4/a', '/dns4/a'] }, 'bad-field'],
    ['a tracker by URL', { trackers: ['https://a'] }, 'bad-field'],
    ['a tracker of 257', { trackers: [`/${'a'.repeat(256)}`] }, 'too-large'],
  ])('W-REC-3 %s is refused', async (_, change, code) => {
    expect(await refusal(await resigned(change))).toBe(code)
  })

  test('W-REC-3 a manifest without certificate is refused', async () => {
    expect(await refusal(sealed({ title: 'a', tracks: [], trackers: [] }))).toBe('bad-field')
  })

  test('W-REC-3 a manifest past 11 KiB is refused', async () => {
    const tracks = Array.from({ length: 8 }, (_, id) => ({ ...video, id, description: filled(1_024, 1) }))
    const large = { tracks, description: '☕'.repeat(2_000) }
    expect(await refusalOfAsync(() => signExampleManifest(keys, large))).toBe('too-large')
    expect(await refusal(new Uint8Array(MANIFEST_MAX_BYTES + 1))).toBe('too-large')
  })
})

describe('W-REC-4 tracks', () => {
  const wrong: [string, Track, string][] = [
    ['an id past 65,535', { ...video, id: 0x1_0000 }, 'bad-field'],
    ['no codec', { ...video, codec: '' }, 'bad-field'],
    ['a codec of two words', { ...video, codec: 'avc1 x' }, 'bad-field'],
    ['a codec of 65', { ...video, codec: 'a'.repeat(65) }, 'too-large'],
    ['a description of 1,025', { ...video, description: filled(1_025, 1) }, 'too-large'],
  ]
  if (video.kind === 'video') {
    wrong.push(['no width', { ...video, width: 0 }, 'bad-field'])
    wrong.push(['a height of 65,536', { ...video, height: 0x1_0000 }, 'bad-field'])
    wrong.push(['no frames', { ...video, frameRate: 0.0004 }, 'bad-field'])
    wrong.push(['1,001 frames a second', { ...video, frameRate: 1_001 }, 'bad-field'])
    wrong.push(['no temporal layer', { ...video, temporalLayers: 0 }, 'bad-field'])
    wrong.push(['five temporal layers', { ...video, temporalLayers: 5 }, 'bad-field'])
  }
  if (audio.kind === 'audio') {
    wrong.push(['no sample rate', { ...audio, sampleRate: 0 }, 'bad-field'])
    wrong.push(['a sample rate past 384,000', { ...audio, sampleRate: 384_001 }, 'bad-field'])
    wrong.push(['no channels', { ...audio, channels: 0 }, 'bad-field'])
    wrong.push(['33 channels', { ...audio, channels: 33 }, 'bad-field'])
  }
  test.each(wrong)('W-REC-4 a track with %s is refused', async (_, track, code) => {
    expect(await refusalOfAsync(() => signExampleManifest(keys, { tracks: [track] }))).toBe(code)
  })

  test('W-REC-4 nine tracks, or two of one id, are refused', async () => {
    const sign = (tracks: Track[]) => refusalOfAsync(() => signExampleManifest(keys, { tracks }))
    expect(await sign([video, { ...audio, id: video.id }])).toBe('bad-field')
    expect(await sign(Array.from({ length: 9 }, (_, id) => ({ ...video, id })))).toBe('too-large')
  })
})

describe('W-REC-5 signatures', () => {
  test('W-REC-5 no byte can be changed', async () => {
    const { bytes } = await signExampleManifest(keys)
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = new Uint8Array(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await refusal(changed)).toBeDefined()
    }
  })

  test('W-REC-5 another stream key, another account, another kind of signature', async () => {
    const { bytes } = await signExampleManifest(keys)
    const { payload, signature } = SignedRecord.decode(bytes)
    const by = (signed: Uint8Array) => refusal(SignedRecord.encode({ payload, signature: signed }))
    expect(await by(signature)).toBeUndefined()
    expect(await by(keys.account.sign(signingInput('manifest', payload)))).toBe('bad-signature')
    expect(await by(keys.stream.sign(signingInput('announcement', payload)))).toBe('bad-signature')
    expect(await by(signature.subarray(1))).toBe('bad-field')
    const certified = certificateText(base.certificate)
    const account = keys.stream.sign(Buffer.from(`<Bytes>${certified}</Bytes>`))
    expect(await refusal(await resigned({ certificate: { text: certified, signature: account } }))).toBe(
      'bad-signature',
    )
  })

  test('W-REC-5 the account signs the wrapped form, and only that', async () => {
    const certified = certificateText(base.certificate)
    const plain = keys.account.sign(Buffer.from(certified))
    expect(await refusal(await resigned({ certificate: { text: certified, signature: plain } }))).toBe(
      'bad-signature',
    )
  })

  test('W-REC-5 a certificate of another stream key does not carry this manifest', async () => {
    const other = createSigner(filled(32, 0x23))
    const theirs = await signExampleManifest({ ...keys, stream: other })
    const { certificate } = ManifestPayload.decode(SignedRecord.decode(theirs.bytes).payload)
    if (certificate === undefined) throw new Error('no certificate')
    expect(await refusal(await resigned({ certificate }))).toBe('bad-signature')
  })

  test('W-REC-5 a certificate holds to its last millisecond', async () => {
    const { bytes } = await signExampleManifest(keys)
    expect(await refusal(bytes, base.certificate.notAfter)).toBeUndefined()
    expect(await refusal(bytes, base.certificate.notAfter + 1)).toBe('expired')
  })

  test.each(['sr25519', 'ecdsa', 'ed25519'] as const)(
    'W-REC-5 a wallet’s %s account certifies, and only with its own signature',
    async scheme => {
      await cryptoWaitReady()
      const pair = new Keyring({ type: scheme }).addFromUri('//Alice')
      const other = new Keyring({ type: scheme }).addFromUri('//Bob')
      const account = { scheme, publicKey: pair.publicKey }
      const certificate = { ...base.certificate, creator: account }
      const sign = (by: typeof pair) =>
        signManifest(
          { ...base, certificate },
          { account, signRaw: (text: string) => by.sign(signRawInput(text)) },
          keys.stream,
          nodeCrypto,
        )
      expect((await verify((await sign(pair)).bytes)).manifest.certificate.creator).toEqual(account)
      expect(await refusalOfAsync(() => sign(other))).toBe('bad-signature')
    },
  )

  test('W-REC-5 keys other than the certificate’s sign nothing', async () => {
    const sign = (account = keys.account, stream = keys.stream) =>
      refusalOfAsync(() => signManifest(base, account, stream, nodeCrypto))
    expect(await sign()).toBeUndefined()
    expect(await sign(keys.stream)).toBe('bad-field')
    expect(await sign(keys.account, keys.account)).toBe('bad-field')
  })

  test('W-REC-5 a mutated manifest is refused by WireError alone', async () => {
    const { bytes } = await signExampleManifest(keys)
    const yes: CryptoPort = { sha256: () => filled(32, 1), verify: () => true }
    await fc.assert(
      fc.asyncProperty(fc.integer(), async seed => {
        const mutated = mutate(bytes, bytes, mulberry32(seed), MANIFEST_MAX_BYTES)
        await refusalOfAsync(() => verifyManifest(mutated, yes, EXAMPLE_NOW_MS))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('W-REC-6 revisions', () => {
  test('W-REC-6 a revision keeps certificate and signature, and raises the number', async () => {
    const first = await signExampleManifest(keys)
    const next = { ...base, title: 'Later', rev: 2 }
    const second = await reviseManifest(first, next, keys.stream, nodeCrypto)
    expect((await verify(second.bytes)).manifest).toEqual(next)
    expect(second.streamId).toBe(first.streamId)
    expect(second.hash).not.toEqual(first.hash)
  })

  test('W-REC-6 not the same number, not another certificate, not another key', async () => {
    const first = await signExampleManifest(keys)
    const revise = (change: Partial<Manifest>, stream = keys.stream) =>
      refusalOfAsync(() => reviseManifest(first, { ...base, rev: 2, ...change }, stream, nodeCrypto))
    expect(await revise({})).toBeUndefined()
    expect(await revise({ rev: 1 })).toBe('bad-field')
    expect(await revise({ certificate: { ...base.certificate, notAfter: EXAMPLE_NOW_MS } })).toBe('bad-field')
    expect(await revise({}, keys.account)).toBe('bad-field')
  })
})

describe('W-ID-4 stream id', () => {
  const derive = (crypto: CryptoPort) =>
    deriveStreamId(base.certificate.creator, base.certificate.streamKey, crypto)

  test('W-ID-4 is the hash of account and stream key', async () => {
    let hashed = new Uint8Array()
    const id = await derive({
      ...nodeCrypto,
      sha256: bytes => {
        hashed = new Uint8Array(bytes)
        return filled(32, 9)
      },
    })
    const context = text('vilokanam/stream-id/1\0')
    const { account, stream } = keys
    expect(Buffer.from(hashed).toString('hex')).toBe(
      `${context}00${Buffer.from(account.publicKey).toString('hex')}${Buffer.from(stream.publicKey).toString('hex')}`,
    )
    expect(goldenText(streamIdToBytes(id))).toBe('(09×32)')
  })

  test('W-ID-4 is the same by a port that answers later', async () => {
    const later: CryptoPort = { ...nodeCrypto, sha256: async bytes => nodeCrypto.sha256(bytes) }
    expect(await derive(later)).toBe(await derive(nodeCrypto))
  })
})
