import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import {
  type PeerId as Libp2pPeerId,
  type Message,
  type PubSub,
  TopicValidatorResult,
} from '@libp2p/interface'
import { hubDegrees } from '../shared/overlay/room-directory.ts'
import { fullBucket, takeToken } from '../shared/overlay/room-token-bucket.ts'
import { peekAnnouncement } from '../shared/protocol/announcement.ts'
import type { StreamId } from '../shared/protocol/ids.ts'
import { ANNOUNCEMENT_MAX_BYTES } from '../shared/protocol/limits.ts'
import { DIRECTORY_TOPIC } from '../shared/protocol/room-message.ts'
import { WireError } from '../shared/protocol/wire-error.ts'
import type { Offer } from './announced-streams.ts'
import type { Clock } from './clock.ts'
import { KeyedBuckets } from './keyed-limits.ts'
import { GOSSIP_CHECKS, GOSSIP_PER_PEER } from './limits.ts'

/** A few announcements in one RPC. */
const RPC_MAX_BYTES = 64 * 1024
const UNSENT_MAX_BYTES = 1024 * 1024
/** Three bad signatures within a minute: −10 · 3², which is past gossipsub's greylist at −80. */
const INVALID_MESSAGE_WEIGHT = -10
const INVALID_MESSAGE_DECAY = 0.97
/** Scores of peers that are gone, ms: one that comes back at once is no better than before. */
const RETAIN_SCORE_MS = 60_000
/** A page that leaves Home and comes back may be grafted again at once. */
const UNSUBSCRIBE_BACKOFF_S = 1

export function directoryGossipOptions(connectionsMax: number): Partial<GossipsubOpts> {
  return {
    ...hubDegrees(connectionsMax),
    // Records are signed by their stream key; who passes them on is nobody's business.
    globalSignaturePolicy: 'StrictNoSign',
    allowedTopics: [DIRECTORY_TOPIC],
    fallbackToFloodsub: false,
    floodPublish: true,
    tagMeshPeers: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    unsubcribeBackoff: UNSUBSCRIBE_BACKOFF_S,
    maxInboundDataLength: RPC_MAX_BYTES,
    maxOutboundBufferSize: UNSENT_MAX_BYTES,
    maxInboundStreams: 2,
    decodeRpcLimits: {
      maxSubscriptions: 8,
      maxMessages: 64,
      maxIhaveMessageIDs: 512,
      maxIwantMessageIDs: 512,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 64,
      maxPeerInfos: 0,
    },
    scoreParams: {
      // Everybody at a school has one address.
      IPColocationFactorWeight: 0,
      retainScore: RETAIN_SCORE_MS,
      topics: {
        [DIRECTORY_TOPIC]: {
          topicWeight: 1,
          // A page that only listens is as good as any: nothing counts but messages that are false.
          timeInMeshWeight: 0,
          timeInMeshQuantum: 1_000,
          timeInMeshCap: 1,
          firstMessageDeliveriesWeight: 0,
          firstMessageDeliveriesDecay: 0.5,
          firstMessageDeliveriesCap: 1,
          meshMessageDeliveriesWeight: 0,
          meshMessageDeliveriesDecay: 0.5,
          meshMessageDeliveriesCap: 1,
          meshMessageDeliveriesThreshold: 1,
          meshMessageDeliveriesWindow: 10,
          meshMessageDeliveriesActivation: 1_000,
          meshFailurePenaltyWeight: 0,
          meshFailurePenaltyDecay: 0.5,
          invalidMessageDeliveriesWeight: INVALID_MESSAGE_WEIGHT,
          invalidMessageDeliveriesDecay: INVALID_MESSAGE_DECAY,
        },
      },
    },
  }
}

export type DirectoryGossipDeps = {
  readonly pubsub: Pick<PubSub, 'topicValidators' | 'subscribe' | 'publish'>
  readonly clock: Clock
  /** Whether a creator is joined here: without one a new stream is not let in. */
  readonly hasCreator: (streamId: StreamId) => boolean
  /** Verifies and keeps. */
  readonly take: (record: Uint8Array) => Promise<Offer>
}

/** The streams topic: what comes in is checked before it goes on, and what we know goes out. */
export class DirectoryGossip {
  readonly #deps: DirectoryGossipDeps
  readonly #perPeer = new KeyedBuckets(GOSSIP_PER_PEER)
  readonly #checks

  constructor(deps: DirectoryGossipDeps) {
    this.#deps = deps
    this.#checks = fullBucket(GOSSIP_CHECKS, deps.clock.nowMs())
    deps.pubsub.topicValidators.set(DIRECTORY_TOPIC, (from, message) => this.#validate(from, message))
    deps.pubsub.subscribe(DIRECTORY_TOPIC)
  }

  /** To every Home page and Studio that listens. Failing is no news: it is said again in 10 s. */
  publish(record: Uint8Array): void {
    this.#deps.pubsub.publish(DIRECTORY_TOPIC, record).catch(() => {})
  }

  async #validate(from: Libp2pPeerId, { data }: Message): Promise<TopicValidatorResult> {
    const nowMs = this.#deps.clock.nowMs()
    if (data.length > ANNOUNCEMENT_MAX_BYTES) return TopicValidatorResult.Reject
    if (!this.#perPeer.take(from.toString(), nowMs)) return TopicValidatorResult.Ignore
    try {
      // Federated trackers will be let past this; today only peers of this one publish.
      if (!this.#deps.hasCreator(peekAnnouncement(data).streamId)) return TopicValidatorResult.Ignore
      if (!takeToken(this.#checks, GOSSIP_CHECKS, nowMs)) return TopicValidatorResult.Ignore
      const offer = await this.#deps.take(data)
      switch (offer.kind) {
        case 'accepted':
          return TopicValidatorResult.Accept
        case 'bad':
          return TopicValidatorResult.Reject
        default:
          return TopicValidatorResult.Ignore
      }
    } catch (error) {
      return error instanceof WireError ? TopicValidatorResult.Reject : TopicValidatorResult.Ignore
    }
  }
}
