import type { PayTerms } from '../../shared/pay/payer-contract.ts'
import type { VerifiedAnnouncement } from '../../shared/protocol/announcement.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import type { Manifest, Track, VerifiedManifest } from '../../shared/protocol/manifest.ts'
import type { DownMessage, UpMessage } from '../../shared/protocol/up-signature.ts'
import type { AccessTerms, RefusalCode } from './access/access-contract.ts'
import type { EngineError } from './engine-error.ts'

/**
 * One encoded access unit on its way into the mesh. The frames of a track come in decoding order, which is also the
 * order of their timestamps but for B-frames of a file: those are at most 16 frames out of it.
 */
export type EncodedFrame = {
  readonly track: number
  /** µs since the start of the stream, the same origin for all tracks. */
  readonly timestampUs: number
  readonly durationUs: number
  readonly isKey: boolean
  readonly temporalLayer: number
  readonly payload: Uint8Array
}

/** A frame whose signature and every part's hash were checked. Frames of a track may arrive out of order. */
export type ReceivedFrame = EncodedFrame & {
  readonly seq: number
  readonly epoch: number
  readonly isEncrypted: boolean
  /** Monotonic ms at which its last part arrived. */
  readonly receivedAtMs: number
}

/** Where encoded frames come from: camera, screen, test pattern, or a file. */
export interface FrameProducer {
  /** Known before the first frame. */
  readonly tracks: readonly Track[]
  /** Frames flow until close() or until `onEnd` (a file's end, a camera pulled out: then with an error). */
  start(sink: (frame: EncodedFrame) => void, onEnd: (error?: EngineError) => void): void
  close(): Promise<void>
}

export type StreamInfo = {
  readonly streamId: StreamId
  readonly manifest: Manifest
  readonly verified: VerifiedManifest
}

export type LinkInfo = {
  readonly peer: PeerId
  readonly relation: 'parent' | 'warm' | 'child' | 'other'
  readonly rttMs: number
  readonly queueDelayMs: number
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly dropped: number
}

export type MeshStats = {
  readonly self: PeerId
  /** Edges from the creator, 0 for the creator; undefined while not attached. */
  readonly depth: number | undefined
  /** The creator first, this peer last; empty while not attached. */
  readonly path: readonly PeerId[]
  readonly links: readonly LinkInfo[]
  /** Peers in the room as the tracker counts them. */
  readonly peers: number
  readonly slots: number
  readonly isTrackerConnected: boolean
  readonly framesReceived: number
  readonly framesForwarded: number
  readonly framesDropped: number
  /** Of media that failed a check and was thrown away. */
  readonly framesRejected: number
  readonly bytesReceived: number
  readonly bytesSent: number
  /** How far the newest frame is behind the live edge, ms; undefined before the first. */
  readonly behindLiveMs: number | undefined
}

export type ViewerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'finding-tracker' }
  | { readonly kind: 'joining'; readonly attempt: number }
  | { readonly kind: 'waiting'; readonly reason: 'no-capacity' | 'creator-away' }
  | { readonly kind: 'live' }
  /** The parent went; the picture may go on from what is buffered. */
  | { readonly kind: 'reconnecting'; readonly reason: string }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: EngineError }
  | { readonly kind: 'closed' }

/** May this viewer see the picture? Sentences are for the page. */
export type AccessState =
  /** The manifest has not come. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'free' }
  /** Paid, and nobody has said who pays. */
  | { readonly kind: 'locked'; readonly sentence: string }
  | { readonly kind: 'asking'; readonly sentence: string }
  /** Free of charge; `epoch`: of the newest key. */
  | { readonly kind: 'preview'; readonly epoch: number }
  | { readonly kind: 'open'; readonly epoch: number }
  /** No key before so much is paid. */
  | { readonly kind: 'prepay'; readonly neededPlanck: bigint; readonly sentence: string }
  /** No key at present; `isFinal`: nor later, for this session. */
  | {
      readonly kind: 'refused'
      readonly code: RefusalCode
      readonly sentence: string
      readonly isFinal: boolean
    }
  /** Above what the viewer agreed to (`Viewer.acceptPrice`). */
  | {
      readonly kind: 'price-raised'
      readonly price: bigint
      readonly fromEpoch: number
      readonly sentence: string
    }

export type ViewerEvents = {
  state: ViewerState
  stats: MeshStats
  manifest: VerifiedManifest
  announcement: VerifiedAnnouncement
  frame: ReceivedFrame
  /** One second of media was actually played (Player reports it): the unit of payment. */
  tick: { readonly count: number }
  /** An answer to a `sendUp`. Anybody on the way may have written it. */
  down: DownMessage
  access: AccessState
  /** What a second costs now and from which epoch something else; of a paid stream, and when it changes. */
  terms: PayTerms
  /** How this session stands with the creator, by the creator's own count. */
  credit: AccessTerms
  /** A key has come. Seconds of a preview make no tick. */
  grant: { readonly epoch: number; readonly isPreview: boolean }
  /** A peer was caught and left; for logs, the UI and tests. */
  violation: { readonly peer: PeerId; readonly reason: string }
}

export type BroadcasterState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'live'; readonly streamId: StreamId }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: EngineError }

export type BroadcasterEvents = {
  state: BroadcasterState
  stats: MeshStats & { readonly viewers: number; readonly framesSent: number; readonly bitrate: number }
  /** Each frame as signed and sent: tests and recorders listen. */
  frame: ReceivedFrame
  /** A viewer's message; its signature is good, what it says is still to be judged. */
  up: UpMessage
  violation: { readonly peer: PeerId; readonly reason: string }
}
