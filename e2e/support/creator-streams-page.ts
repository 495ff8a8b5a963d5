import type { CreatorStreamState } from '../../client/engine/creator-stream.ts'
import { webCrypto } from '../../client/engine/crypto/web-crypto.ts'
import { browserCreatorStreams } from '../../client/engine/store/creator-streams.ts'
import { openDatabase } from '../../client/engine/store/database.ts'
import { streamIdFromBytes } from '../../shared/protocol/ids.ts'

const STREAM = streamIdFromBytes(new Uint8Array(32).fill(5))
const database = await openDatabase()
const keeper = browserCreatorStreams(database)

/** What the test drives; everything crosses as JSON. */
const page = {
  async start(): Promise<number[]> {
    const { reference, signer } = await keeper.createKey()
    const state: CreatorStreamState = {
      version: 1,
      streamId: STREAM,
      keyReference: reference,
      manifest: Uint8Array.of(1, 2, 3),
      seqCeilings: [{ track: 0, seq: 1_000 }],
      announcementCeiling: 20,
      epochBase: 0,
      epochCeiling: 8,
      streamUs: 4_000_000,
      aliveAtMs: Date.now(),
    }
    await keeper.save(state)
    return [...signer.publicKey]
  },

  async isLocked(): Promise<boolean> {
    return (await keeper.lock(STREAM)) === undefined
  },

  /** Of each kept stream: its public key, whether its signature holds, and what was kept beside it. */
  async list(): Promise<{ publicKey: number[]; doesSign: boolean; seq: number | undefined }[]> {
    const stored = await keeper.list()
    return Promise.all(
      stored.map(async ({ state, signer }) => {
        const message = Uint8Array.of(9)
        const signature = await signer.sign(message)
        return {
          publicKey: [...signer.publicKey],
          doesSign: await webCrypto.verify(signer.publicKey, message, signature),
          seq: state.seqCeilings[0]?.seq,
        }
      }),
    )
  },

  /** Of every key in the store: may a page read it? */
  async areExtractable(): Promise<boolean[]> {
    const values: unknown[] = await database.getAll('creator_state')
    return values.flatMap(value =>
      typeof value === 'object' && value !== null && 'privateKey' in value
        ? [(value.privateKey as CryptoKey).extractable]
        : [],
    )
  },

  async forget(): Promise<number> {
    for (const { state } of await keeper.list()) await keeper.forget(state)
    return database.count('creator_state')
  },
}

export type CreatorStreamsPage = typeof page
declare global {
  interface Window {
    creatorStreams: CreatorStreamsPage
  }
}
window.creatorStreams = page
