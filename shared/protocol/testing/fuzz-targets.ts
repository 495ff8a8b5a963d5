import {
  type AccessDown,
  type AccessUp,
  decodeAccessDown,
  decodeAccessUp,
  encodeAccess,
} from '../access-message.ts'
import {
  decodeGrant,
  decodeLeave,
  decodePull,
  decodeTerms,
  encodeGrant,
  encodeLeave,
  encodePull,
  encodeTerms,
} from '../access-plaintext.ts'
import { decodeAccessRequest, encodeAccessRequest } from '../access-request.ts'
import { peekAnnouncement, verifyAnnouncement } from '../announcement.ts'
import { certificateText, parseCertificate } from '../certificate.ts'
import type { CryptoPort, Signer } from '../crypto-port.ts'
import { decodeChain, encodeChain, verifyChain } from '../edge-chain.ts'
import { decodeMediaMessage, encodeFrame } from '../frame.ts'
import { parsePeerId, parseStreamId } from '../ids.ts'
import {
  ANNOUNCEMENT_MAX_BYTES,
  CHAIN_MAX_BYTES,
  CHAIN_MAX_EDGES,
  MANIFEST_MAX_BYTES,
  MEDIA_MESSAGE_MAX_BYTES,
  PEER_MESSAGE_MAX_BYTES,
  ROOM_MESSAGE_MAX_BYTES,
  SIGNAL_PAYLOAD_MAX_BYTES,
} from '../limits.ts'
import { verifyManifest } from '../manifest.ts'
import { decodePeerMessage, encodePeerMessage } from '../peer-message.ts'
import { decodeFromTracker, decodeToTracker, encodeFromTracker, encodeToTracker } from '../room-message.ts'
import { type SignalBody, signSignal, verifySignal } from '../signal.ts'
import { utf8Encode } from '../utf8.ts'
import {
  EXAMPLE_CANDIDATE,
  EXAMPLE_PEER_MESSAGES,
  EXAMPLE_SDP,
  EXAMPLE_STREAM,
  EXAMPLES_FROM_TRACKER,
  EXAMPLES_TO_TRACKER,
  exampleChain,
  exampleHeader,
  examplePeer,
  filled,
} from './message-examples.ts'
import { EXAMPLE_NOW_MS, signExampleAnnouncement, signExampleManifest } from './signed-records.ts'

/** One decoder, valid inputs to start from, and the size up to which mutations may grow: a little past its limit. */
export type FuzzTarget = {
  readonly name: string
  readonly samples: readonly Uint8Array[]
  readonly maxBytes: number
  decode(bytes: Uint8Array): unknown
}

const PAST_LIMIT = 64
/** Says yes to everything, so that what lies behind a signature is reached as well. */
const CREDULOUS: CryptoPort = { sha256: () => filled(32, 0x5d), verify: () => true }

function signerOf(value: number): Signer {
  return { publicKey: filled(32, value), sign: () => filled(64, value) }
}

export async function fuzzTargets(): Promise<FuzzTarget[]> {
  const keys = { account: signerOf(1), stream: signerOf(2), crypto: CREDULOUS }
  const manifest = await signExampleManifest(keys)
  const paid = await signExampleManifest(keys, {
    certificate: {
      ...manifest.manifest.certificate,
      payout: filled(32, 3),
      chain: filled(32, 4),
      maxPrice: 10n ** 20n,
    },
    pricePerSecond: 12_345n,
    creatorX25519: filled(32, 5),
    description: 'ü☕𝄞'.repeat(300),
  })
  const announcements = await Promise.all([
    signExampleAnnouncement(keys, manifest, true),
    signExampleAnnouncement(keys, paid, true, { status: 'ended', heads: [] }),
    signExampleAnnouncement(keys, manifest, false, {
      record: {
        block: 70_000,
        blockHash: filled(32, 9),
        extrinsicHash: filled(32, 10),
        manifestHash: filled(32, 11),
      },
    }),
  ])
  const records = announcements.map(({ bytes }) => bytes)
  const bodies: SignalBody[] = [
    { kind: 'offer', sdp: EXAMPLE_SDP },
    { kind: 'answer', sdp: EXAMPLE_SDP + `a=${EXAMPLE_CANDIDATE}\r\n`.repeat(10), offerHash: filled(32, 6) },
    { kind: 'candidate', candidate: EXAMPLE_CANDIDATE, sdpMid: '0', sdpMLineIndex: 0 },
  ]
  const [from, to] = [examplePeer(1), examplePeer(2)]
  const envelope = { from, to, streamId: EXAMPLE_STREAM, nonce: filled(16, 7), at: EXAMPLE_NOW_MS }
  const signals = await Promise.all(bodies.map(body => signSignal({ ...envelope, body }, keys.account)))
  const certificates = [manifest, paid].map(({ manifest: { certificate } }) =>
    utf8Encode(certificateText(certificate)),
  )
  const chains = [0, 1, 2, 5, CHAIN_MAX_EDGES].map(depth => encodeChain(exampleChain(depth)))
  return [
    ...accessTargets(),
    {
      name: 'media message',
      samples: [1, 500, 16_384, 40_000].flatMap(length =>
        encodeFrame(exampleHeader(length), filled(length, 8)),
      ),
      maxBytes: MEDIA_MESSAGE_MAX_BYTES + PAST_LIMIT,
      decode: decodeMediaMessage,
    },
    {
      name: 'peer message',
      samples: Object.values(EXAMPLE_PEER_MESSAGES).map(encodePeerMessage),
      maxBytes: PEER_MESSAGE_MAX_BYTES + PAST_LIMIT,
      decode: decodePeerMessage,
    },
    {
      name: 'to tracker',
      samples: Object.values(EXAMPLES_TO_TRACKER).map(encodeToTracker),
      maxBytes: ROOM_MESSAGE_MAX_BYTES + PAST_LIMIT,
      decode: decodeToTracker,
    },
    {
      name: 'from tracker',
      samples: Object.values(EXAMPLES_FROM_TRACKER).map(encodeFromTracker),
      maxBytes: ROOM_MESSAGE_MAX_BYTES + PAST_LIMIT,
      decode: decodeFromTracker,
    },
    {
      name: 'edge chain',
      samples: chains,
      maxBytes: CHAIN_MAX_BYTES + PAST_LIMIT,
      decode: bytes => verifyChain(decodeChain(bytes), EXAMPLE_STREAM, filled(32, 2), 100, CREDULOUS),
    },
    {
      name: 'manifest',
      samples: [manifest.bytes, paid.bytes],
      maxBytes: MANIFEST_MAX_BYTES + PAST_LIMIT,
      decode: bytes => verifyManifest(bytes, CREDULOUS, EXAMPLE_NOW_MS),
    },
    {
      name: 'announcement',
      samples: records,
      maxBytes: ANNOUNCEMENT_MAX_BYTES + PAST_LIMIT,
      decode: bytes => verifyAnnouncement(bytes, undefined, CREDULOUS, EXAMPLE_NOW_MS),
    },
    {
      name: 'announcement peek',
      samples: records,
      maxBytes: ANNOUNCEMENT_MAX_BYTES + PAST_LIMIT,
      decode: peekAnnouncement,
    },
    {
      name: 'signal',
      samples: signals.map(({ payload }) => payload),
      maxBytes: SIGNAL_PAYLOAD_MAX_BYTES + PAST_LIMIT,
      decode: payload =>
        verifySignal({ payload, signature: filled(64, 1) }, to, EXAMPLE_STREAM, EXAMPLE_NOW_MS, CREDULOUS),
    },
    {
      name: 'certificate',
      samples: certificates,
      maxBytes: 2_048,
      decode: bytes => parseCertificate(latin1(bytes)),
    },
    {
      name: 'stream id',
      samples: [utf8Encode(EXAMPLE_STREAM), filled(32, 0x31)],
      maxBytes: 1_024,
      decode: bytes => parseStreamId(latin1(bytes)),
    },
    {
      name: 'peer id',
      samples: [utf8Encode(from), utf8Encode(to)],
      maxBytes: 1_024,
      decode: bytes => parsePeerId(latin1(bytes)),
    },
  ]
}

/** Bodies as relays see them, and what is inside once opened. */
function accessTargets(): FuzzTarget[] {
  const up: AccessUp[] = [
    { kind: 'request', ephemeral: filled(32, 1), sealed: filled(187, 2) },
    { kind: 'pull', counter: 1, sealed: filled(24, 2) },
    { kind: 'leave', counter: 2, sealed: filled(20, 2) },
  ]
  const down: AccessDown[] = [
    { kind: 'grant', epoch: 3, sealed: filled(59, 2) },
    { kind: 'terms', counter: 4, sealed: filled(84, 2) },
  ]
  const request = {
    wallet: filled(32, 1),
    session: filled(32, 2),
    viewerKey: filled(32, 3),
    counter: 2 ** 41,
    epoch: 9,
    signature: filled(64, 4),
  }
  const money = { isPrepay: true, credited: 10n ** 12n, owed: 10n ** 12n }
  const opened = [
    encodePull({ epoch: 9, stalledMs: 100 }),
    encodeLeave({ stalledMs: 100 }),
    encodeGrant({ key: filled(32, 5), isPreview: false, ...money }),
    encodeTerms({
      code: 'unpaid',
      epoch: 9,
      creditMs: 12_000,
      needed: 1n,
      retryMs: 0,
      lastCounter: 2 ** 41,
      ...money,
    }),
  ]
  const openers = [decodePull, decodeLeave, decodeGrant, decodeTerms]
  const target = (
    name: string,
    samples: readonly Uint8Array[],
    decode: (bytes: Uint8Array) => unknown,
  ): FuzzTarget => ({ name, samples, maxBytes: 320, decode })
  return [
    target('access up', up.map(encodeAccess), decodeAccessUp),
    target('access down', down.map(encodeAccess), decodeAccessDown),
    target('access request', [encodeAccessRequest(request)], decodeAccessRequest),
    ...openers.map(decode => target(`access ${decode.name.slice(6).toLowerCase()}`, opened, decode)),
  ]
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
