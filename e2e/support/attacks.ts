import { randomBytes } from 'node:crypto'
import {
  decodeMediaMessage,
  encodePart,
  encodeWhole,
  type FrameHeader,
  frameSigningInput,
  PART_HASH_BYTES,
} from '../../shared/protocol/frame.ts'
import { type StreamId, streamIdToBytes } from '../../shared/protocol/ids.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import type { Attack } from './hostile-wire.ts'

function flipLastBit(message: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(message)
  const last = flipped.length - 1
  flipped[last] = (flipped[last] ?? 0) ^ 1
  return flipped
}

/** Flips a bit in the payload of what it forwards. Headers that travel alone stay, or their signature would fail first. */
export const flipPayloadBit: Attack = message =>
  decodeMediaMessage(message).kind === 'header' ? [message] : [flipLastBit(message)]

/** Flips a bit of the signed header. */
export const flipHeaderBit: Attack = message => {
  if (decodeMediaMessage(message).kind === 'part') return [message]
  const flipped = Uint8Array.from(message)
  flipped[DURATION_LAST_BYTE] = (flipped[DURATION_LAST_BYTE] ?? 0) ^ 1
  return [flipped]
}
const DURATION_LAST_BYTE = 30

/** Frames of its own making in the place of the creator's: whole and consistent, but for the key that signs. */
export function forge(streamId: StreamId): Attack {
  const forger = createSigner(generateSeed())
  return message => {
    const honest = decodeMediaMessage(message)
    if (honest.kind !== 'whole') return []
    const payload = Uint8Array.from(randomBytes(honest.payload.length))
    const partHashes = nodeCrypto.sha256(payload).subarray(0, PART_HASH_BYTES)
    const { signature: _, ...rest } = honest.header
    const unsigned: Omit<FrameHeader, 'signature'> = { ...rest, partHashes }
    const signature = forger.sign(frameSigningInput(streamIdToBytes(streamId), unsigned))
    return [encodeWhole({ ...unsigned, signature }, payload)]
  }
}

/** Each of these once, before what is live. */
export function prepend(messages: readonly Uint8Array[]): Attack {
  let rest = messages
  return message => {
    const now = rest
    rest = []
    return [...now, message]
  }
}

/** These, again and again, in the place of what is live. */
export function replace(messages: readonly Uint8Array[]): Attack {
  let next = 0
  return () => {
    const message = messages[next++ % messages.length]
    return message === undefined ? [] : [message]
  }
}

/** Another stream's signed media with this stream's tag. */
export function relabel(messages: readonly Uint8Array[], streamId: StreamId): Uint8Array[] {
  const signed = messages.filter(message => decodeMediaMessage(message).kind !== 'part')
  return signed.map(message => {
    const relabelled = Uint8Array.from(message)
    relabelled.set(streamIdToBytes(streamId).subarray(0, 8), 1)
    return relabelled
  })
}

/** What is live, and with each message parts of frames that will never have a header. */
export const orphanParts: Attack = message => {
  const honest = decodeMediaMessage(message)
  const head = honest.kind === 'part' ? honest : honest.header
  const length = 1_000
  const sent = [message]
  for (let index = 0; index < 8; index++) {
    const header: FrameHeader = {
      tag: head.tag,
      track: head.track,
      seq: head.seq + 10_000 + Math.floor(Math.random() * 1_000_000),
      epoch: 0,
      timestampUs: 0,
      durationUs: 0,
      isKey: false,
      isEncrypted: false,
      temporalLayer: 0,
      length,
      partHashes: new Uint8Array(PART_HASH_BYTES),
      signature: new Uint8Array(64),
    }
    sent.push(encodePart(header, 0, Uint8Array.from(randomBytes(length))))
  }
  return sent
}

/** Everything twice. */
export const duplicate: Attack = message => [message, message]
