import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeChain } from './edge-chain.ts'
import * as wire from './generated/room.ts'
import { peerIdFromPublicKey, streamIdFromBytes } from './ids.ts'
import {
  ANNOUNCEMENT_MAX_BYTES,
  CHAIN_MAX_EDGES,
  PICTURE_MAX_BYTES,
  ROOM_MESSAGE_MAX_BYTES,
} from './limits.ts'
import {
  decodeFromTracker,
  decodeToTracker,
  encodeFromTracker,
  encodeToTracker,
  type FromTracker,
  ROOM_REFUSE_CODES,
  type ToTracker,
} from './room-message.ts'
import {
  EXAMPLES_FROM_TRACKER,
  EXAMPLES_TO_TRACKER,
  exampleChain,
  filled,
  goldenText,
} from './testing/message-examples.ts'
import { mulberry32, mutate } from './testing/mutate.ts'
import { refusalOf } from './testing/refusal.ts'

const GOLDEN_TO: Readonly<Record<ToTracker['kind'], string>> = {
  join: '0a9b010a20(5d×32)1002180118022003282830063a640a20(c0×32)1240(a0×64)4205(66×5)',
  update: '12d9010acc010a20(c0×32)1240(a0×64)1a660a20(01×32)10651a40(b1×64)10021804200a28023078',
  'find-parents': '1a240a20(09×32)1001',
  signal: '226c0a20(08×32)1206(77×6)1a40(88×64)',
  leave: '2a00',
  announce: '32070a05(66×5)',
  'put-picture': '3a090a07(ff×7)',
  'get-picture': '42220a20(5d×32)',
}
const ascii = (text: string) => Buffer.from(text).toString('hex')
const GOLDEN_FROM: Readonly<Record<FromTracker['kind'], string>> = {
  joined: `0a6d0880d0dfb4ab331008181422150a13${ascii('stun:127.0.0.1:3478')}22420a25${ascii('turns:turn.example:5349?transport=tcp')}120f${ascii('1764000600:peer')}1a08${ascii('c2VjcmV0')}2a05(66×5)`,
  candidates: '12590a2f0a20(01×32)10011802201e28d804302838010a260a20(02×32)10022805',
  signal: '1a6c0a20(08×32)1206(77×6)1a40(88×64)',
  stats: '22080814100818212003',
  refused: `2a110805120d${ascii('wait a second')}`,
  announce: '32070a05(66×5)',
  picture: '3a2b0a20(5d×32)1207(ff×7)',
}
const toTracker = Object.values(EXAMPLES_TO_TRACKER)
const fromTracker = Object.values(EXAMPLES_FROM_TRACKER)

describe('W-ROOM-1 every kind', () => {
  test.each(toTracker.map(message => [message.kind, message] as const))(
    'W-ROOM-1 golden %s to a tracker',
    (kind, message) => {
      const bytes = encodeToTracker(message)
      expect(goldenText(bytes)).toBe(GOLDEN_TO[kind])
      expect(decodeToTracker(bytes)).toEqual(message)
    },
  )

  test.each(fromTracker.map(message => [message.kind, message] as const))(
    'W-ROOM-1 golden %s from a tracker',
    (kind, message) => {
      const bytes = encodeFromTracker(message)
      expect(goldenText(bytes)).toBe(GOLDEN_FROM[kind])
      expect(decodeFromTracker(bytes)).toEqual(message)
    },
  )

  test('W-ROOM-1 an example cut off anywhere is refused', () => {
    for (const [samples, decode] of [
      [toTracker.map(encodeToTracker), decodeToTracker],
      [fromTracker.map(encodeFromTracker), decodeFromTracker],
    ] as const) {
      for (const bytes of samples) {
        for (let length = 0; length < bytes.length; length++) {
          expect(refusalOf(() => decode(bytes.subarray(0, length)))).toBeDefined()
        }
      }
    }
  })

  test('W-ROOM-1 a mutated message is decoded or refused, nothing else', () => {
    const samples = [...toTracker.map(encodeToTracker), ...fromTracker.map(encodeFromTracker)]
    const sample = fc.constantFrom(...samples)
    fc.assert(
      fc.property(fc.integer(), sample, sample, (seed, one, other) => {
        const bytes = mutate(one, other, mulberry32(seed), ROOM_MESSAGE_MAX_BYTES)
        refusalOf(() => decodeToTracker(bytes))
        refusalOf(() => decodeFromTracker(bytes))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('W-ROOM-2 messages of all values come back', () => {
  const u16 = fc.nat({ max: 0xffff })
  const u32 = fc.nat({ max: 2 ** 32 - 1 })
  const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
  const peer = bytes(32).map(peerIdFromPublicKey)
  const streamId = bytes(32).map(streamIdFromBytes)
  const chain = fc.nat({ max: CHAIN_MAX_EDGES }).map(exampleChain)
  const depth = fc.nat({ max: CHAIN_MAX_EDGES })
  const record = bytes(1, ANNOUNCEMENT_MAX_BYTES)
  const signal = fc.record({ payload: bytes(1, 8_704), signature: bytes(64) })
  const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 200 })
  const iceServer = fc.record(
    {
      urls: fc.array(fc.constantFrom('stun:a:1', 'stuns:b', 'turn:[::1]:3478?transport=udp'), {
        minLength: 1,
        maxLength: 4,
      }),
      username: printable,
      credential: printable,
    },
    { requiredKeys: ['urls'] },
  )
  const candidate = fc.record({ peer, depth, freeSlots: u16, rttMs: u32, ageS: u32, lagMs: u32, leaves: u16 })
  const kind = <T extends string>(value: T) => fc.constant(value)
  const anyTo: fc.Arbitrary<ToTracker> = fc.oneof(
    fc.record(
      {
        kind: kind('join'),
        streamId,
        role: fc.constantFrom('viewer' as const, 'relay' as const, 'creator' as const),
        tracks: fc.uniqueArray(u16, { maxLength: 8 }),
        natClass: fc.constantFrom('unknown' as const, 'open' as const, 'cone' as const, 'symmetric' as const),
        rttMs: u32,
        slots: u16,
        chain,
        announcement: record,
      },
      { requiredKeys: ['kind', 'streamId', 'role', 'tracks', 'natClass', 'rttMs', 'slots'] },
    ),
    fc.record({
      kind: kind('update'),
      chain,
      freeSlots: u16,
      slots: u16,
      lossPermille: fc.nat({ max: 1_000 }),
      subtree: u32,
      lagMs: u32,
    }),
    fc.record({
      kind: kind('find-parents'),
      exclude: fc.uniqueArray(peer, { maxLength: 16 }),
      isOrphan: fc.boolean(),
    }),
    fc.record({ kind: kind('signal'), to: peer, signal }),
    fc.record({ kind: kind('leave') }),
    fc.record({ kind: kind('announce'), record }),
    fc.record({ kind: kind('put-picture'), picture: bytes(1, PICTURE_MAX_BYTES) }),
    fc.record({ kind: kind('get-picture'), streamId }),
  )
  const anyFrom: fc.Arbitrary<FromTracker> = fc.oneof(
    fc.record({
      kind: kind('joined'),
      trackerTime: fc.maxSafeNat(),
      depthCap: depth,
      peers: u32,
      iceServers: fc.array(iceServer, { maxLength: 8 }),
      announcement: record,
    }),
    fc.record({
      kind: kind('candidates'),
      candidates: fc.uniqueArray(candidate, { maxLength: 8, selector: value => value.peer }),
    }),
    fc.record({ kind: kind('signal'), to: peer, signal }),
    fc.record({ kind: kind('stats'), peers: u32, depthCap: depth, slots: u32, maxDepth: depth }),
    fc.record({ kind: kind('refused'), code: fc.constantFrom(...ROOM_REFUSE_CODES), detail: printable }),
    fc.record({ kind: kind('announce'), record }),
    fc.record({ kind: kind('picture'), streamId, picture: bytes(0, PICTURE_MAX_BYTES) }),
  )

  test('W-ROOM-2 round trip to a tracker', () => {
    fc.assert(
      fc.property(anyTo, message => {
        expect(decodeToTracker(encodeToTracker(message))).toEqual(message)
      }),
      { numRuns: 200 },
    )
  })

  test('W-ROOM-2 round trip from a tracker', () => {
    fc.assert(
      fc.property(anyFrom, message => {
        expect(decodeFromTracker(encodeFromTracker(message))).toEqual(message)
      }),
      { numRuns: 200 },
    )
  })
})

describe('W-ROOM-3 bounds', () => {
  const id = filled(32, 1)
  const join: wire.Join = {
    streamId: id,
    role: wire.Join.Role.VIEWER,
    tracks: [],
    natClass: wire.Join.NatClass.UNKNOWN,
    rttMs: 0,
    slots: 0,
    chain: new Uint8Array(),
    announcement: new Uint8Array(),
  }
  const update = {
    chain: encodeChain(exampleChain(1)),
    freeSlots: 0,
    slots: 0,
    lossPermille: 0,
    subtree: 0,
    lagMs: 0,
  }
  const signal = { to: id, payload: filled(1, 1), signature: filled(64, 1) }
  const joined = { trackerTime: 0, depthCap: 8, peers: 1, iceServers: [], announcement: filled(1, 1) }
  const ice = { urls: ['stun:a'], username: '', credential: '' }
  const candidate = { peer: id, depth: 1, freeSlots: 0, rttMs: 0, ageS: 0, lagMs: 0, leaves: 0 }
  const nine = Array.from({ length: 9 }, (_, index) => index)

  test.each<[string, wire.ToTracker, string]>([
    ['join of a short stream', { join: { ...join, streamId: filled(31, 1) } }, 'bad-field'],
    ['join with nine tracks', { join: { ...join, tracks: nine } }, 'too-large'],
    ['join with a track twice', { join: { ...join, tracks: [1, 1] } }, 'bad-field'],
    ['join with track 65,536', { join: { ...join, tracks: [0x1_0000] } }, 'bad-field'],
    ['join with 65,536 slots', { join: { ...join, slots: 0x1_0000 } }, 'bad-field'],
    ['join with a broken chain', { join: { ...join, chain: filled(3, 0x0a) } }, 'truncated'],
    [
      'join with 12 KiB and a byte',
      { join: { ...join, announcement: filled(ANNOUNCEMENT_MAX_BYTES + 1, 1) } },
      'too-large',
    ],
    ['update without chain', { update: { ...update, chain: new Uint8Array() } }, 'bad-field'],
    ['update with 65,536 free slots', { update: { ...update, freeSlots: 0x1_0000 } }, 'bad-field'],
    ['update with 65,536 slots', { update: { ...update, slots: 0x1_0000 } }, 'bad-field'],
    ['update that lost more than all', { update: { ...update, lossPermille: 1_001 } }, 'bad-field'],
    [
      '17 excluded',
      { findParents: { exclude: Array.from({ length: 17 }, (_, n) => filled(32, n)), orphan: false } },
      'too-large',
    ],
    ['one excluded twice', { findParents: { exclude: [id, id], orphan: false } }, 'bad-field'],
    ['one excluded of 33 bytes', { findParents: { exclude: [filled(33, 1)], orphan: false } }, 'bad-field'],
    ['a signal to nobody', { signal: { ...signal, to: new Uint8Array() } }, 'bad-field'],
    ['an empty signal', { signal: { ...signal, payload: new Uint8Array() } }, 'bad-field'],
    ['a signal past 8.5 KiB', { signal: { ...signal, payload: filled(8_705, 1) } }, 'too-large'],
    ['a signal without signature', { signal: { ...signal, signature: new Uint8Array() } }, 'bad-field'],
    ['an empty announcement', { announce: { record: new Uint8Array() } }, 'bad-field'],
    [
      'an announcement past 12 KiB',
      { announce: { record: filled(ANNOUNCEMENT_MAX_BYTES + 1, 1) } },
      'too-large',
    ],
    ['an empty picture', { putPicture: { picture: new Uint8Array() } }, 'bad-field'],
    ['a picture past 24 KiB', { putPicture: { picture: filled(PICTURE_MAX_BYTES + 1, 1) } }, 'too-large'],
    ['the picture of no stream', { getPicture: { streamId: new Uint8Array() } }, 'bad-field'],
    ['no kind', {}, 'unknown-kind'],
  ])('W-ROOM-3 %s is refused by a tracker', (_, message, code) => {
    expect(refusalOf(() => decodeToTracker(wire.ToTracker.encode(message)))).toBe(code)
  })

  test.each<[string, wire.FromTracker, string]>([
    ['a depth cap of 33', { joined: { ...joined, depthCap: 33 } }, 'bad-field'],
    ['joined without announcement', { joined: { ...joined, announcement: new Uint8Array() } }, 'bad-field'],
    ['nine ICE servers', { joined: { ...joined, iceServers: nine.map(() => ice) } }, 'too-large'],
    [
      'an ICE server without address',
      { joined: { ...joined, iceServers: [{ ...ice, urls: [] }] } },
      'bad-field',
    ],
    [
      'an ICE server with five',
      { joined: { ...joined, iceServers: [{ ...ice, urls: Array(5).fill('stun:a') }] } },
      'too-large',
    ],
    [
      'an ICE server by http',
      { joined: { ...joined, iceServers: [{ ...ice, urls: ['http://a'] }] } },
      'bad-field',
    ],
    [
      'an ICE address of 257',
      { joined: { ...joined, iceServers: [{ ...ice, urls: [`stun:${'a'.repeat(252)}`] }] } },
      'too-large',
    ],
    [
      'an ICE address of two lines',
      { joined: { ...joined, iceServers: [{ ...ice, urls: ['stun:a\nb'] }] } },
      'bad-field',
    ],
    [
      'an ICE user of 257',
      { joined: { ...joined, iceServers: [{ ...ice, username: 'a'.repeat(257) }] } },
      'too-large',
    ],
    [
      'an ICE credential of 257',
      { joined: { ...joined, iceServers: [{ ...ice, credential: 'a'.repeat(257) }] } },
      'too-large',
    ],
    [
      'nine candidates',
      { candidates: { candidates: nine.map(n => ({ ...candidate, peer: filled(32, n) })) } },
      'too-large',
    ],
    ['a candidate twice', { candidates: { candidates: [candidate, candidate] } }, 'bad-field'],
    ['a candidate at depth 33', { candidates: { candidates: [{ ...candidate, depth: 33 }] } }, 'bad-field'],
    [
      'a candidate of 65,536 slots',
      { candidates: { candidates: [{ ...candidate, freeSlots: 0x1_0000 }] } },
      'bad-field',
    ],
    [
      'a candidate of 65,536 leaves',
      { candidates: { candidates: [{ ...candidate, leaves: 0x1_0000 }] } },
      'bad-field',
    ],
    ['stats of depth 33', { stats: { peers: 0, depthCap: 8, slots: 0, maxDepth: 33 } }, 'bad-field'],
    ['stats with a cap of 33', { stats: { peers: 0, depthCap: 33, slots: 0, maxDepth: 1 } }, 'bad-field'],
    ['a refusal without code', { refused: { code: 0, detail: '' } }, 'bad-field'],
    [
      'a refusal with the next code',
      { refused: { code: ROOM_REFUSE_CODES.length + 1, detail: '' } },
      'bad-field',
    ],
    ['a refusal that tells a story', { refused: { code: 1, detail: 'a'.repeat(257) } }, 'too-large'],
    ['a refusal that moves the cursor', { refused: { code: 1, detail: '\x1b[2J' } }, 'bad-field'],
    [
      'a picture past 24 KiB',
      { picture: { streamId: id, picture: filled(PICTURE_MAX_BYTES + 1, 1) } },
      'too-large',
    ],
    ['a signal past 8.5 KiB', { signal: { ...signal, payload: filled(8_705, 1) } }, 'too-large'],
    ['no kind', {}, 'unknown-kind'],
  ])('W-ROOM-3 %s is refused by a peer', (_, message, code) => {
    expect(refusalOf(() => decodeFromTracker(wire.FromTracker.encode(message)))).toBe(code)
  })

  test('W-ROOM-3 a message past 40 KiB is neither written nor read', () => {
    const picture = filled(ROOM_MESSAGE_MAX_BYTES, 1)
    expect(refusalOf(() => encodeToTracker({ kind: 'put-picture', picture }))).toBe('too-large')
    expect(refusalOf(() => decodeToTracker(filled(ROOM_MESSAGE_MAX_BYTES + 1, 0)))).toBe('too-large')
    expect(refusalOf(() => decodeFromTracker(filled(ROOM_MESSAGE_MAX_BYTES + 1, 0)))).toBe('too-large')
  })
})
