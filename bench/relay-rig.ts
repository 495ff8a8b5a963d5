import { ChildFeed, type FeedLink } from '../client/engine/child-feed.ts'
import { Inbox } from '../client/engine/inbox.ts'
import { FrameRing } from '../shared/media/frame-ring.ts'
import { LiveAnchor } from '../shared/media/live-anchor.ts'
import { peerIdFromPublicKey } from '../shared/protocol/ids.ts'
import { RING_MAX_BYTES } from '../shared/protocol/limits.ts'
import { decodePeerMessage, encodePeerMessage } from '../shared/protocol/peer-message.ts'
import { nodeCrypto } from '../tracker/node-crypto.ts'

/** A child's link with no network below: it counts what it was handed, and whether it is the very bytes that came in. */
class NullLink implements FeedLink {
  readonly remote: FeedLink['remote']
  bytes = 0
  messages = 0
  foreign = 0
  incoming: ArrayBufferLike | undefined

  constructor(index: number) {
    this.remote = peerIdFromPublicKey(new Uint8Array(32).fill(index + 1))
  }

  sendMedia(bytes: Uint8Array): boolean {
    this.bytes += bytes.length
    this.messages += 1
    if (bytes.buffer !== this.incoming) this.foreign += 1
    return true
  }

  readonly mediaBytesSent = 0

  sendRepair(bytes: Uint8Array): boolean {
    return this.sendMedia(bytes)
  }
}

export type RelayInput = {
  readonly streamId: Uint8Array
  readonly streamKey: Uint8Array
  /** Of all tracks together, bit/s. */
  readonly bitrate: number
  /** In arrival order, each in a buffer of its own, with the stream time it arrives at. */
  readonly messages: readonly { readonly atMs: number; readonly bytes: Uint8Array }[]
}

export type RelayOutcome = {
  readonly completed: number
  readonly delivered: number
  readonly foreign: number
}

const TICK_MS = 50

/**
 * A relay without WebRTC: the engine's own Inbox, FrameRing and ChildFeeds, on stream time, with the acknowledgements
 * of real links (one each way per link and 50 ms). Throws when a frame is refused or a child misses a message.
 */
export function relay(input: RelayInput, childCount: number): RelayOutcome {
  const ring = new FrameRing({ maxAgeUs: 30_000_000, maxBytes: RING_MAX_BYTES })
  const links = Array.from({ length: childCount }, (_, index) => new NullLink(index))
  const options = {
    tracks: [0, 1],
    resume: [],
    bitrate: input.bitrate,
    isAudio: (track: number) => track === 1,
  }
  const feeds = links.map(link => new ChildFeed(link, ring, options, 0))
  let completed = 0
  let nowMs = 0
  let received = 0
  const inbox = new Inbox(
    {
      crypto: nodeCrypto,
      ring,
      anchor: new LiveAnchor(),
      streamId: input.streamId,
      streamKey: input.streamKey,
      hasTrack: track => track <= 1,
    },
    {
      onVerified(message) {
        for (const feed of feeds) feed.offer(message, nowMs)
      },
      onComplete() {
        completed += 1
      },
      onViolation(reason, detail) {
        throw new Error(`the relay refused its input: ${reason} ${detail}`)
      },
    },
  )
  let nextTickMs = TICK_MS
  for (const { atMs, bytes } of input.messages) {
    nowMs = atMs
    while (nextTickMs <= nowMs) {
      nextTickMs += TICK_MS
      encodePeerMessage({ kind: 'ack', media: received, repair: 0 })
      for (const [index, feed] of feeds.entries()) {
        const ack = decodePeerMessage(
          encodePeerMessage({ kind: 'ack', media: links[index]?.bytes ?? 0, repair: 0 }),
        )
        if (ack.kind === 'ack') feed.acknowledge(ack.media, nowMs)
        feed.pump(nowMs)
      }
    }
    received += bytes.length
    for (const link of links) link.incoming = bytes.buffer
    inbox.receive(bytes, nowMs)
  }
  for (const link of links) {
    if (link.messages !== input.messages.length) {
      throw new Error(`a child got ${link.messages} of ${input.messages.length} messages`)
    }
  }
  const sum = (pick: (link: NullLink) => number): number =>
    links.reduce((total, link) => total + pick(link), 0)
  return { completed, delivered: sum(link => link.messages), foreign: sum(link => link.foreign) }
}
