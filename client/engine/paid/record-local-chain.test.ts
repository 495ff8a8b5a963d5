import { blake2b } from '@noble/hashes/blake2.js'
import { expect, it } from 'vitest'
import { startDevchain } from '../../../devchain/index.ts'
import { streamRemark } from '../../../shared/pay/stream-remark.ts'
import { verifyAnnouncement } from '../../../shared/protocol/announcement.ts'
import type { ChainPlace } from '../../../shared/protocol/chain-place.ts'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import { filled } from '../../../shared/protocol/testing/message-examples.ts'
import {
  EXAMPLE_NOW_MS,
  exampleManifest,
  signExampleAnnouncement,
  signExampleManifest,
} from '../../../shared/protocol/testing/signed-records.ts'
import { createSigner, nodeCrypto } from '../../../tracker/node-crypto.ts'
import { PolkadotChain } from '../chain/polkadot-chain.ts'
import { checkStreamRecord, recordWords } from './record-check.ts'
import { RecordWriter } from './record-writer.ts'

it('E-RECORD-4 E-RECORD-5 on the real runtime: start, re-org, place, another node’s look, end, to the planck', async () => {
  const keys = {
    account: createSigner(filled(32, 0x41)),
    stream: createSigner(filled(32, 0x42)),
    crypto: nodeCrypto,
  }
  const account = hexText(keys.account.publicKey)
  const endowment = 10n ** 12n
  const devchain = await startDevchain({ port: 0, blockMs: 0, finalityLag: 3, submissionsPerSecond: 100 })
  const creators = new PolkadotChain({ endpoints: [devchain.wsUrl] })
  const viewers = new PolkadotChain({ endpoints: [devchain.wsUrl] })
  const blocks = async (count: number) => {
    for (let made = 0; made < count; made++) await devchain.newBlock()
  }
  const said: string[] = []
  const places: ChainPlace[] = []
  try {
    await devchain.fund(account as `0x${string}`, endowment)
    await blocks(4)
    const info = await creators.open()
    await viewers.open()
    const { certificate } = exampleManifest(keys)
    const manifest = await signExampleManifest(keys, {
      certificate: {
        ...certificate,
        chain: parseHex(info.genesis) ?? new Uint8Array(),
        payout: keys.account.publicKey,
      },
    })
    const writer = new RecordWriter({
      chain: creators,
      signer: { account, scheme: 'ed25519', sign: bytes => keys.account.sign(bytes) },
      onSentence: sentence => void said.push(sentence),
    })
    expect(await writer.quote()).toMatch(/for about 0\.\d+ ROC each\.$/)
    writer.start({
      streamInfo: { streamId: manifest.streamId, manifest: manifest.manifest, verified: manifest },
      setRecord: async place => void places.push(place),
    })
    // Sent: then it waits for a block.
    await expect.poll(async () => (await pending(devchain.wsUrl)).length, { timeout: 10_000 }).toBe(1)
    await blocks(1)
    await expect.poll(() => said.length, { timeout: 10_000 }).toBe(1)
    const before = await creators.blockHash(devchain.best.number)
    await devchain.reorg(1)
    await blocks(5)
    await expect.poll(() => places.length, { timeout: 10_000 }).toBe(1)
    const [place] = places
    if (place === undefined) throw new Error('no place')
    expect(hexText(place.blockHash)).not.toBe(before)

    const { bytes } = await signExampleAnnouncement(keys, manifest, true, { record: place })
    const received = await verifyAnnouncement(bytes, undefined, nodeCrypto, EXAMPLE_NOW_MS)
    const check = await checkStreamRecord(viewers, received)
    expect(check).toMatchObject({ kind: 'verified', isCurrent: true })
    expect(recordWords(check)).toBe(`Recorded on chain in block ${place.block}.`)
    const elsewhere = await signExampleAnnouncement(keys, manifest, true, {
      record: { ...place, blockHash: parseHex(before) ?? new Uint8Array() },
    })
    expect((await checkStreamRecord(viewers, elsewhere)).kind).not.toBe('verified')

    const ending = writer.end(manifest.hash)
    await expect.poll(async () => (await pending(devchain.wsUrl)).length, { timeout: 10_000 }).toBe(1)
    await blocks(1)
    await ending
    expect(said.map(sentence => sentence.split(' is ')[0])).toEqual(['The start', 'The end'])

    const best = await viewers.block(await viewers.blockHash(devchain.best.number))
    const ours = best.extrinsics.find(({ signer }) => signer === account)
    const remark = streamRemark({ kind: 'end', manifestHash: manifest.hash })
    expect(ours?.remarks.map(({ hash }) => hash)).toEqual([hexText(blake2b(remark, { dkLen: 32 }))])
    const start = await viewers.block(hexText(place.blockHash))
    const fees = [ours, start.extrinsics.find(({ signer }) => signer === account)].map(
      extrinsic => extrinsic?.fee ?? 0n,
    )
    expect(fees.every(fee => fee > 0n)).toBe(true)
    const { free } = await creators.balance(account)
    expect(free).toBe(fees.reduce((sum, fee) => sum - fee, endowment))
  } finally {
    await creators.close()
    await viewers.close()
    await devchain.close()
  }
}, 60_000)

async function pending(wsUrl: string): Promise<readonly unknown[]> {
  const response = await fetch(wsUrl.replace('ws:', 'http:'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'author_pendingExtrinsics', params: [] }),
  })
  const answer: unknown = await response.json()
  const result =
    typeof answer === 'object' && answer !== null && 'result' in answer ? answer.result : undefined
  return Array.isArray(result) ? result : []
}
