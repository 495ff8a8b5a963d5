import { hexText } from '../../../shared/protocol/hex.ts'
import { streamIdToBytes } from '../../../shared/protocol/ids.ts'
import type { ChainPort } from '../../engine/chain/chain-port.ts'
import type { CreatorStreamKeeper } from '../../engine/creator-stream.ts'
import { StreamRecorder } from '../../engine/earn/stream-recorder.ts'
import type { StreamInfo } from '../../engine/events.ts'
import type { EngineDeps } from '../../engine/ports.ts'
import { openDatabase } from '../../engine/store/database.ts'
import { IdbStreamRecords } from '../../engine/store/stream-records-idb.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import type { WalletAccount } from '../pay/wallet-desk.ts'
import type { LiveBroadcast } from './live-broadcast.ts'

/** Remembers which stream key the next broadcast gets: its row names it. */
export function noteKeyReference(keeper: CreatorStreamKeeper): {
  readonly keeper: CreatorStreamKeeper
  readonly reference: () => string
} {
  let reference = ''
  return {
    keeper: {
      ...keeper,
      async createKey() {
        const made = await keeper.createKey()
        reference = made.reference
        return made
      },
    },
    reference: () => reference,
  }
}

/** The creator's own books of this broadcast, written while it runs. Answers its end; nothing of it disturbs a stream. */
export async function recordBroadcast(
  live: LiveBroadcast,
  engine: EngineDeps,
  keys: { readonly streamKeyReference: string; readonly trackerUsed: string | undefined },
): Promise<() => Promise<void>> {
  const info = live.broadcaster.streamInfo
  if (info === undefined) return async () => undefined
  const { manifest } = info
  const recorder = await StreamRecorder.begin(
    {
      records: new IdbStreamRecords(await openDatabase()),
      clock: engine.clock,
      logger: engine.logger.scope('records'),
    },
    {
      streamId: hexText(streamIdToBytes(info.streamId)).slice(2),
      creator: hexText(manifest.certificate.creator.publicKey),
      title: manifest.title,
      description: manifest.description,
      category: manifest.category,
      streamKeyReference: keys.streamKeyReference,
      ...(keys.trackerUsed !== undefined && { trackerUsed: keys.trackerUsed }),
      isRecorded: false,
    },
  )
  const { paid } = live
  const stops = [live.broadcaster.on('stats', ({ viewers }) => recorder.setViewers(viewers))]
  if (paid !== undefined)
    stops.push(
      paid.on('view', ({ viewers }) => recorder.setSessions(viewers)),
      paid.earnings.on('snapshot', snapshot => recorder.setEarnings(snapshot)),
    )
  return async () => {
    for (const stop of stops) stop()
    await recorder.end()
  }
}

/** Writes on chain that the stream begins or ends; answers how it went, in a sentence. */
export async function writeOnChain(
  kind: 'start' | 'end',
  { verified }: StreamInfo,
  account: WalletAccount,
  chain: ChainPort,
): Promise<string> {
  const what = kind === 'start' ? 'The start' : 'The end'
  try {
    const { recordOnChain } = await import('../../engine/earn/record-on-chain.ts')
    const outcome = await recordOnChain(chain, account.signer, { kind, manifestHash: verified.hash })
    if (outcome.kind === 'failed') return `${what} is not on chain: ${outcome.sentence}`
    return `${what} is written in block ${outcome.block.number} (${outcome.cid}).`
  } catch (error) {
    return `${what} is not on chain: ${sentenceOf(error)}`
  }
}
