import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { PolkadotChain } from '../client/engine/chain/polkadot-chain.ts'
import { LinesStreamRecords } from '../client/engine/store/stream-records-lines.ts'
import { parseStreamAddress } from '../client/headless/stream-address.ts'
import { textFile } from '../client/headless/text-file.ts'
import { startDevchain } from '../devchain/index.ts'
import { makeClip, OPUS, VP8 } from '../scripts/make-clip.ts'
import { hexText } from '../shared/protocol/hex.ts'
import { streamIdToBytes } from '../shared/protocol/ids.ts'
import { createSigner } from '../tracker/node-crypto.ts'
import { Command } from './support/command.ts'
import { Disposer } from './support/disposer.ts'
import { NodeMesh } from './support/node-mesh.ts'

const scene = new Disposer()
afterAll(() => scene.dispose())

const PRICE = 100_000_000n
const SEED = '5e'.repeat(32)

test('H-REC-1 H-REC-2 H-REC-3 a paid stream by the command line: its books, its records on chain, and what a paying watcher is told of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vilokanam-records-'))
  scene.defer(() => rm(folder, { recursive: true, force: true }))
  const mesh = await NodeMesh.start(scene)
  const devchain = await startDevchain({ port: 0, blockMs: 1_000 })
  scene.defer(() => devchain.close())
  const creator = hexText(createSigner(Buffer.from(SEED, 'hex')).publicKey)
  await devchain.fund(creator as `0x${string}`, 10n ** 12n)
  await writeFile(join(folder, 'creator.key'), `${SEED}\n`)
  const clip = await makeClip(join(folder, 'clip.webm'), 4, [...VP8, ...OPUS])
  const books = join(folder, 'creator')

  const broadcast = new Command(scene, [
    ...['broadcast', clip, '--loop', '--title', 'On record', '--tracker', mesh.url],
    ...['--chain', devchain.wsUrl, '--price', '0.0001', '--folder', books],
    ...['--key-file', join(folder, 'creator.key'), '--record'],
  ])
  await broadcast.says(/written on chain for about 0\.\d+ ROC each\. Signed and paid by \w{47,48}\./)
  const [, address = ''] = await broadcast.says(/Live: (\S+)/)
  const [, started] = await broadcast.says(
    /The start is written in block (\d+) \(bafkrei\w+, fee 0\.\d+ ROC\)/,
  )

  const watch = new Command(scene, [
    ...['watch', address, '--output', join(folder, 'out.webm'), '--chain', devchain.wsUrl],
    ...['--budget', '0.1', '--wallet', '//Alice', '--folder', join(folder, 'viewer')],
  ])
  await watch.says(/Recorded on chain in block (\d+)\./)
  expect(watch.said).toContain(`Recorded on chain in block ${started}.`)
  await broadcast.says(/Income 0\.\d+ ROC .* 1 paying/)
  expect(await watch.interrupt()).toBe(0)
  const [, ticks = ''] = await watch.says(/Watched (\d+) s, paid/)

  expect(await broadcast.interrupt()).toBe(0)
  const [, ended] = await broadcast.says(/The end is written in block (\d+)/)
  expect(Number(ended)).toBeGreaterThan(Number(started))

  const records = new LinesStreamRecords(textFile(join(books, 'streams.jsonl')))
  const { streamId } = parseStreamAddress(address)
  const rows = await records.get(hexText(streamIdToBytes(streamId)).slice(2))
  expect(rows?.stream).toMatchObject({ title: 'On record', status: 'ended', creator, viewerCount: 1 })
  expect(rows?.sessions).toMatchObject([{ recorded: false, trackerUsed: mesh.tracker.multiaddrs[0] }])
  const [viewer] = rows?.viewers ?? []
  expect(viewer?.paidAmount).toBeGreaterThan(0n)
  expect(viewer?.paidAmount).toBeLessThanOrEqual(BigInt(ticks) * PRICE)
  expect(BigInt(viewer?.totalTicks ?? 0) * PRICE).toBe(viewer?.paidAmount)

  // The creator paid two fees and earned what was watched, nothing else.
  const chain = new PolkadotChain({ endpoints: [devchain.wsUrl] })
  scene.defer(() => chain.close())
  await chain.open()
  let fees = 0n
  for (const block of [started, ended])
    for (const extrinsic of (await chain.block(await chain.blockHash(Number(block)))).extrinsics)
      if (extrinsic.signer === creator) fees += extrinsic.fee
  const { free } = await chain.balance(creator)
  expect(free).toBe(10n ** 12n - fees + BigInt(ticks) * PRICE)
}, 120_000)
