import type { Announcement, VerifiedAnnouncement } from '../../shared/protocol/announcement.ts'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { type EdgeChain, extendChain, signEdge, signRoot } from '../../shared/protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import type { Manifest, VerifiedManifest } from '../../shared/protocol/manifest.ts'
import type { ToTracker } from '../../shared/protocol/room-message.ts'
import {
  exampleManifest,
  type RecordKeys,
  signExampleAnnouncement,
  signExampleManifest,
} from '../../shared/protocol/testing/signed-records.ts'
import { createSigner, generateSeed, nodeCrypto } from '../node-crypto.ts'

/** Somebody with a signer: what a chain's edge needs of a peer. */
export type Party = { readonly self: PeerId; readonly signer: Signer }

const HOUR_MS = 3_600_000
/** Stream time at which the example's heads stand, and so all its edges begin, s. */
const HEAD_S = 30

/** A stream with keys of its own and all that its creator can sign. */
export class TestStream {
  readonly keys: RecordKeys
  readonly manifest: VerifiedManifest
  #seq = 0

  private constructor(keys: RecordKeys, manifest: VerifiedManifest) {
    this.keys = keys
    this.manifest = manifest
  }

  static async make(change: Partial<Manifest> = {}): Promise<TestStream> {
    const keys = {
      account: createSigner(generateSeed()),
      stream: createSigner(generateSeed()),
      crypto: nodeCrypto,
    }
    const certificate = { ...exampleManifest(keys).certificate, notAfter: Date.now() + HOUR_MS }
    return new TestStream(keys, await signExampleManifest(keys, { certificate, ...change }))
  }

  get streamId(): StreamId {
    return this.manifest.streamId
  }

  /** The next one, with the manifest inside. */
  announce(change: Partial<Announcement> = {}): Promise<VerifiedAnnouncement> {
    this.#seq += 1
    return signExampleAnnouncement(this.keys, this.manifest, true, {
      seq: this.#seq,
      at: Date.now(),
      ...change,
    })
  }

  root(creator: Party): Promise<EdgeChain> {
    return signRoot(this.streamId, creator.self, this.keys.stream)
  }

  /** From the creator down through those peers, each edge signed by the one above. */
  async chain(creator: Party, ...below: readonly Party[]): Promise<EdgeChain> {
    let chain = await this.root(creator)
    let parent = creator
    for (const child of below) {
      chain = extendChain(
        chain,
        await signEdge(this.streamId, parent.self, child.self, HEAD_S + 100, parent.signer),
      )
      parent = child
    }
    return chain
  }

  async creatorJoin(creator: Party): Promise<Extract<ToTracker, { kind: 'join' }>> {
    const { bytes } = await this.announce()
    const chain = await this.root(creator)
    return { ...this.viewerJoin(), role: 'creator', slots: 6, chain, announcement: bytes }
  }

  viewerJoin(): Extract<ToTracker, { kind: 'join' }> {
    return {
      kind: 'join',
      streamId: this.streamId,
      role: 'viewer',
      tracks: [],
      natClass: 'unknown',
      rttMs: 1,
      slots: 4,
    }
  }
}

export function updateMessage(chain: EdgeChain, freeSlots = 4): Extract<ToTracker, { kind: 'update' }> {
  return { kind: 'update', chain, freeSlots, slots: 4, lossPermille: 0, subtree: 0, lagMs: 0 }
}
