import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeChain, encodeEdge } from './edge-chain.ts'
import * as wire from './generated/peer.ts'
import { peerIdFromPublicKey, streamIdFromBytes } from './ids.ts'
import {
  ANNOUNCEMENT_MAX_BYTES,
  CHAIN_MAX_EDGES,
  HAVE_RANGE_MAX_FRAMES,
  PEER_MESSAGE_MAX_BYTES,
  REQUESTED_DELAY_MAX_MS,
} from './limits.ts'
import {
  decodePeerMessage,
  encodePeerMessage,
  LEAVE_CODES,
  type PeerMessage,
  REFUSE_CODES,
} from './peer-message.ts'
import {
  EXAMPLE_PEER_MESSAGES,
  exampleChain,
  exampleEdge,
  filled,
  goldenText,
} from './testing/message-examples.ts'
import { mulberry32, mutate } from './testing/mutate.ts'
import { refusalOf } from './testing/refusal.ts'

const EDGE_2 = '0a20(02×32)10661a40(b2×64)'
const CHAIN_1 = '0a20(c0×32)1240(a0×64)1a660a20(01×32)10651a40(b1×64)'
const GOLDEN: Readonly<Record<PeerMessage['kind'], string>> = {
  hello: '0a880108011220(01×32)1a20(5d×32)2240(70×64)',
  attach: `12ea010801100110ffff03180420ac022a0a080110(ff×6)3f30013acc01${CHAIN_1}`,
  accept: `1ab7020a66${EDGE_2}12cc01${CHAIN_1}`,
  refuse: '2228080112240a20(03×32)1002',
  have: '2a0a0a08080110e807188608',
  pull: '32140a04080110070a0908011008180018ff0110fa01',
  path: `3ab7020a66${EDGE_2}12cc01${CHAIN_1}`,
  stalled: '42080a06080110f0a204',
  feedback: '4a0e08(80×4)20100c180320042809',
  'hand-over': '52290a240a20(04×32)100310e807',
  leave: '5a020801',
  up: '626b0a20(11×32)10051a03(22×4)40(33×64)',
  down: '6a290a20(11×32)10051a03222222',
  'peer-records': '724a0a480a04(44×4)1240(55×64)',
  ping: '7a02082a',
  pong: '820102082a',
  ack: '8a010908(80×5)201001',
  announce: '9201070a05(66×5)',
}
const examples = Object.values(EXAMPLE_PEER_MESSAGES)

describe('W-MSG-1 every kind', () => {
  test.each(examples.map(message => [message.kind, message] as const))(
    'W-MSG-1 golden %s',
    (kind, message) => {
      const bytes = encodePeerMessage(message)
      expect(goldenText(bytes)).toBe(GOLDEN[kind])
      expect(decodePeerMessage(bytes)).toEqual(message)
    },
  )

  test('W-MSG-1 an example cut off anywhere is refused', () => {
    for (const message of examples) {
      const bytes = encodePeerMessage(message)
      for (let length = 0; length < bytes.length; length++) {
        expect(refusalOf(() => decodePeerMessage(bytes.subarray(0, length)))).toBeDefined()
      }
    }
  })

  test('W-MSG-1 a mutated message is decoded or refused, nothing else', () => {
    const index = fc.nat({ max: examples.length - 1 })
    fc.assert(
      fc.property(fc.integer(), index, index, (seed, one, other) => {
        const [sample = examples[0], donor = examples[0]] = [examples[one], examples[other]]
        if (sample === undefined || donor === undefined) return
        const pair = [encodePeerMessage(sample), encodePeerMessage(donor)] as const
        const bytes = mutate(...pair, mulberry32(seed), PEER_MESSAGE_MAX_BYTES)
        refusalOf(() => decodePeerMessage(bytes))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('W-MSG-2 messages of all values come back', () => {
  const u16 = fc.nat({ max: 0xffff })
  const u32 = fc.nat({ max: 2 ** 32 - 1 })
  const seq = fc.maxSafeNat().map(value => value % 2 ** 48)
  const total = fc.maxSafeNat()
  const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
  const peer = bytes(32).map(peerIdFromPublicKey)
  const position = fc.record({ track: u16, seq })
  const positions = fc.uniqueArray(position, { maxLength: 8, selector: ({ track }) => track })
  const alternatives = fc.uniqueArray(fc.record({ peer, depth: fc.nat({ max: CHAIN_MAX_EDGES }) }), {
    maxLength: 8,
    selector: value => value.peer,
  })
  const chain = fc.nat({ max: CHAIN_MAX_EDGES }).map(exampleChain)
  const range = fc
    .tuple(u16, seq, fc.nat({ max: HAVE_RANGE_MAX_FRAMES - 1 }))
    .map(([track, from, more]) => ({ track, from, to: Math.min(from + more, 2 ** 48 - 1) }))
  const pullItem = fc.record({
    track: u16,
    seq,
    parts: fc.uniqueArray(fc.nat({ max: 255 }), { maxLength: 256 }),
  })
  const delay = fc.nat({ max: REQUESTED_DELAY_MAX_MS })
  const any: fc.Arbitrary<PeerMessage> = fc.oneof(
    fc.record({
      kind: fc.constant('hello' as const),
      version: u32,
      peer,
      streamId: bytes(32).map(streamIdFromBytes),
      proof: bytes(64),
    }),
    fc.record(
      {
        kind: fc.constant('attach' as const),
        role: fc.constantFrom('child' as const, 'warm' as const),
        tracks: fc.uniqueArray(u16, { maxLength: 8 }),
        slots: u16,
        subtree: u32,
        resume: positions,
        isOrphan: fc.boolean(),
        chain,
      },
      { requiredKeys: ['kind', 'role', 'tracks', 'slots', 'subtree', 'resume', 'isOrphan'] },
    ),
    fc.record({
      kind: fc.constantFrom('accept' as const, 'path' as const),
      edge: fc.constant(exampleEdge(99)),
      chain,
    }),
    fc.record({ kind: fc.constant('refuse' as const), code: fc.constantFrom(...REFUSE_CODES), alternatives }),
    fc.record({ kind: fc.constant('have' as const), ranges: fc.array(range, { maxLength: 64 }) }),
    fc.record({
      kind: fc.constant('pull' as const),
      items: fc.uniqueArray(pullItem, { maxLength: 16, selector: item => `${item.track}/${item.seq}` }),
      deadlineMs: delay,
    }),
    fc.record({ kind: fc.constant('stalled' as const), newest: positions }),
    fc.record({
      kind: fc.constant('feedback' as const),
      received: total,
      queueDelayMs: u32,
      drops: u32,
      slots: u16,
      subtree: u32,
    }),
    fc.record({ kind: fc.constant('hand-over' as const), to: alternatives, withinMs: delay }),
    fc.record({ kind: fc.constant('leave' as const), code: fc.constantFrom(...LEAVE_CODES) }),
    fc.record({
      kind: fc.constant('up' as const),
      origin: bytes(32),
      counter: u32,
      body: bytes(0, 1_024),
      signature: bytes(64),
    }),
    fc.record({ kind: fc.constant('down' as const), target: bytes(32), counter: u32, body: bytes(0, 1_024) }),
    fc.record({
      kind: fc.constant('peer-records' as const),
      records: fc.array(fc.record({ payload: bytes(1, 600), signature: bytes(64) }), { maxLength: 16 }),
    }),
    fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), nonce: u32 }),
    fc.record({ kind: fc.constant('ack' as const), media: total, repair: total }),
    fc.record({ kind: fc.constant('announce' as const), record: bytes(1, ANNOUNCEMENT_MAX_BYTES) }),
  )

  test('W-MSG-2 round trip', () => {
    fc.assert(
      fc.property(any, message => {
        expect(decodePeerMessage(encodePeerMessage(message))).toEqual(message)
      }),
      { numRuns: 500 },
    )
  })
})

describe('W-MSG-3 bounds', () => {
  const frame = (value: wire.PeerFrame) => refusalOf(() => decodePeerMessage(wire.PeerFrame.encode(value)))
  const record = (edges: number) => encodeChain(exampleChain(edges))
  const edge = encodeEdge(exampleEdge(99))
  const attach = {
    role: wire.Attach.Role.CHILD,
    tracks: [1],
    slots: 0,
    subtree: 0,
    resume: [],
    orphan: false,
    chain: new Uint8Array(),
  }
  const item = { track: 1, seq: 1, parts: [] }
  const up = { origin: filled(32, 1), counter: 0, body: filled(1, 1), signature: filled(64, 1) }
  const nine = Array.from({ length: 9 }, (_, index) => index)

  test.each<[string, wire.PeerFrame, string]>([
    [
      'hello of a short peer',
      { hello: { version: 1, peer: filled(31, 1), streamId: filled(32, 1), proof: filled(64, 1) } },
      'bad-field',
    ],
    [
      'hello of a long stream',
      { hello: { version: 1, peer: filled(32, 1), streamId: filled(33, 1), proof: filled(64, 1) } },
      'bad-field',
    ],
    [
      'hello without proof',
      { hello: { version: 1, peer: filled(32, 1), streamId: filled(32, 1), proof: filled(0, 1) } },
      'bad-field',
    ],
    ['attach to nine tracks', { attach: { ...attach, tracks: nine } }, 'too-large'],
    ['attach to a track twice', { attach: { ...attach, tracks: [1, 1] } }, 'bad-field'],
    ['attach to track 65,536', { attach: { ...attach, tracks: [0x1_0000] } }, 'bad-field'],
    ['attach with 65,536 slots', { attach: { ...attach, slots: 0x1_0000 } }, 'bad-field'],
    [
      'attach with nine positions',
      { attach: { ...attach, resume: nine.map(track => ({ track, seq: 0 })) } },
      'too-large',
    ],
    [
      'attach with a position twice',
      {
        attach: {
          ...attach,
          resume: [
            { track: 1, seq: 1 },
            { track: 1, seq: 2 },
          ],
        },
      },
      'bad-field',
    ],
    ['attach from seq 2^48', { attach: { ...attach, resume: [{ track: 1, seq: 2 ** 48 }] } }, 'bad-field'],
    ['attach with half a chain', { attach: { ...attach, chain: record(1).subarray(0, 50) } }, 'truncated'],
    ['accept without edge', { accept: { edge: new Uint8Array(), chain: record(1) } }, 'bad-field'],
    ['accept without chain', { accept: { edge, chain: new Uint8Array() } }, 'bad-field'],
    ['refuse without code', { refuse: { code: 0, alternatives: [] } }, 'bad-field'],
    [
      'refuse with the next code',
      { refuse: { code: REFUSE_CODES.length + 1, alternatives: [] } },
      'bad-field',
    ],
    [
      'nine alternatives',
      { refuse: { code: 1, alternatives: nine.map(n => ({ peer: filled(32, n), depth: 1 })) } },
      'too-large',
    ],
    [
      'an alternative twice',
      { refuse: { code: 1, alternatives: [1, 2].map(depth => ({ peer: filled(32, 1), depth })) } },
      'bad-field',
    ],
    [
      'an alternative at depth 33',
      { refuse: { code: 1, alternatives: [{ peer: filled(32, 1), depth: 33 }] } },
      'bad-field',
    ],
    ['a range backwards', { have: { ranges: [{ track: 1, from: 2, to: 1 }] } }, 'bad-field'],
    [
      'a range of 4,097 frames',
      { have: { ranges: [{ track: 1, from: 0, to: HAVE_RANGE_MAX_FRAMES }] } },
      'bad-field',
    ],
    ['a range up to 2^48', { have: { ranges: [{ track: 1, from: 2 ** 48 - 1, to: 2 ** 48 }] } }, 'bad-field'],
    [
      '65 ranges',
      { have: { ranges: Array.from({ length: 65 }, () => ({ track: 1, from: 1, to: 1 })) } },
      'too-large',
    ],
    [
      '65 items',
      { pull: { items: Array.from({ length: 65 }, (_, seq) => ({ ...item, seq })), deadlineMs: 1 } },
      'too-large',
    ],
    ['an item twice', { pull: { items: [item, item], deadlineMs: 1 } }, 'bad-field'],
    [
      '257 parts',
      { pull: { items: [{ ...item, parts: Array.from({ length: 257 }, (_, n) => n) }], deadlineMs: 1 } },
      'too-large',
    ],
    ['part 256', { pull: { items: [{ ...item, parts: [256] }], deadlineMs: 1 } }, 'bad-field'],
    ['a part twice', { pull: { items: [{ ...item, parts: [1, 1] }], deadlineMs: 1 } }, 'bad-field'],
    [
      'a deadline past a minute',
      { pull: { items: [item], deadlineMs: REQUESTED_DELAY_MAX_MS + 1 } },
      'bad-field',
    ],
    [
      'a hand-over past a minute',
      { handOver: { to: [], withinMs: REQUESTED_DELAY_MAX_MS + 1 } },
      'bad-field',
    ],
    [
      'stalled on a track twice',
      {
        stalled: {
          newest: [
            { track: 1, seq: 1 },
            { track: 1, seq: 2 },
          ],
        },
      },
      'bad-field',
    ],
    [
      'feedback with 65,536 slots',
      { feedback: { received: 0, queueDelayMs: 0, drops: 0, slots: 0x1_0000, subtree: 0 } },
      'bad-field',
    ],
    ['leave without code', { leave: { code: 0 } }, 'bad-field'],
    ['leave with the next code', { leave: { code: LEAVE_CODES.length + 1 } }, 'bad-field'],
    ['up of a short origin', { up: { ...up, origin: filled(31, 1) } }, 'bad-field'],
    ['up past 1 KiB', { up: { ...up, body: filled(1_025, 1) } }, 'too-large'],
    ['up with a long signature', { up: { ...up, signature: filled(65, 1) } }, 'bad-field'],
    [
      'down to a long target',
      { down: { target: filled(33, 1), counter: 0, body: filled(1, 1) } },
      'bad-field',
    ],
    ['down past 1 KiB', { down: { target: filled(32, 1), counter: 0, body: filled(1_025, 1) } }, 'too-large'],
    [
      '17 records',
      {
        peerRecords: {
          records: Array.from({ length: 17 }, () => ({ payload: filled(1, 1), signature: filled(64, 1) })),
        },
      },
      'too-large',
    ],
    [
      'an empty record',
      { peerRecords: { records: [{ payload: filled(0, 1), signature: filled(64, 1) }] } },
      'bad-field',
    ],
    [
      'a record past 1,280 bytes',
      { peerRecords: { records: [{ payload: filled(1_281, 1), signature: filled(64, 1) }] } },
      'too-large',
    ],
    ['an empty announcement', { announce: { record: filled(0, 1) } }, 'bad-field'],
    [
      'an announcement past 12 KiB',
      { announce: { record: filled(ANNOUNCEMENT_MAX_BYTES + 1, 1) } },
      'too-large',
    ],
  ])('W-MSG-3 %s is refused', (_, value, code) => {
    expect(frame(value)).toBe(code)
  })

  test('W-MSG-3 a message past 16 KiB is neither written nor read', () => {
    const records = Array.from({ length: 16 }, () => ({
      payload: filled(1_000, 1),
      signature: filled(64, 1),
    }))
    expect(refusalOf(() => encodePeerMessage({ kind: 'peer-records', records }))).toBe('too-large')
    expect(frame({ peerRecords: { records } })).toBe('too-large')
  })

  test('W-MSG-3 an unknown role is refused', () => {
    const bytes = encodePeerMessage({ ...EXAMPLE_PEER_MESSAGES.attach, tracks: [] })
    const at = Buffer.from(bytes).indexOf(Buffer.from('0801', 'hex'))
    bytes[at + 1] = 2
    expect(refusalOf(() => decodePeerMessage(bytes))).toBe('bad-field')
  })
})

test('W-MSG-4 an edge that leads back into its own chain is refused', () => {
  const encode = (child: number, depth: number) =>
    encodePeerMessage({ kind: 'accept', edge: exampleEdge(child), chain: exampleChain(depth) })
  expect(refusalOf(() => decodePeerMessage(encode(4, 3)))).toBeUndefined()
  expect(refusalOf(() => decodePeerMessage(encode(2, 3)))).toBe('bad-field')
  expect(refusalOf(() => decodePeerMessage(encode(0xc0, 3)))).toBe('bad-field')
})

test('W-MSG-5 a Hello of another version is read, so that the user can be told', () => {
  const hello = { ...EXAMPLE_PEER_MESSAGES.hello, version: 2 }
  expect(decodePeerMessage(encodePeerMessage(hello))).toEqual(hello)
})
