import { afterEach, expect, test, vi } from 'vitest'
import { streamIdFromBytes } from '../../../shared/protocol/ids.ts'
import type { Manifest } from '../../../shared/protocol/manifest.ts'
import { nodeCrypto } from '../../../tracker/node-crypto.ts'
import type { AccessSnapshot } from '../access/access-contract.ts'
import { consoleLogger } from '../console-logger.ts'
import { PayoutEarnings } from '../earn/payout-earnings.ts'
import { PAYOUT, testAccount, WatchedChain } from '../earn/testing/watched-chain.ts'
import { MemoryEarningsStore } from '../store/earnings-memory.ts'
import { MemoryAccessStore } from './access-store.ts'
import { PaidStream } from './paid-stream.ts'

const [WALLET, SESSION, BUDGET] = [testAccount('1'), testAccount('2'), testAccount('3')]
const OLD = streamIdFromBytes(new Uint8Array(32).fill(1))
const NEW = streamIdFromBytes(new Uint8Array(32).fill(2))
const streams: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const each of streams.splice(0)) await each.close()
})

/** A wallet that owes 10,000 of a stream whose page had counted blocks up to there. */
function owing(countedUpTo: number): AccessSnapshot {
  const remarkHash = '0xremark'
  return {
    version: 1,
    countedUpTo,
    wallets: [{ wallet: WALLET, owed: '10000', claimed: '0', previewEpochs: 0, lateMs: 0, isPrepay: false }],
    sessions: [
      {
        wallet: WALLET,
        session: SESSION,
        budget: BUDGET,
        remarkHash,
        owed: '10000',
        grantedMs: 10_000,
        grantedEpoch: 3,
        isFormer: false,
      },
    ],
    fundings: [{ wallet: WALLET, remarkHash, moved: [BUDGET], first: '0' }],
    accounts: [],
  }
}

/** A page that goes live as that stream, once it follows the chain. */
async function goLive(world: WatchedChain, countedUpTo: number, streamId = NEW) {
  const port = world.chain.connect()
  const { genesis, identity } = await port.open()
  const access = new MemoryAccessStore()
  await access.save(identity, PAYOUT, { streamId: OLD, snapshot: owing(countedUpTo) })
  const logger = consoleLogger('error')
  const deps = { chain: port, earnings: new MemoryEarningsStore(), access, crypto: nodeCrypto, logger }
  const price = { pricePerSecond: 1_000n, highestPrice: 1_000n, payout: PAYOUT, genesis }
  const paid = await PaidStream.prepare(
    { ...deps, clock: world.clock },
    { ...price, previewSeconds: 0, creditSeconds: 12 },
  )
  streams.push(paid, port)
  const manifest = { epochMs: 4_000, creditSeconds: 12, previewSeconds: 0, pricePerSecond: 1_000n }
  const { giver } = paid.open({ streamId, manifest: manifest as Manifest })
  for (let turn = 0; turn < 20; turn++) await world.settle()
  return giver
}

test('A-LIFE-5 what an earlier stream’s sessions paid after its page had gone counts in the next one', async () => {
  const world = new WatchedChain()
  world.chain.credit(PAYOUT, 50_000_000n)
  world.chain.credit(BUDGET, 50_000_000n)
  world.chain.produceBlocks(4)
  const countedUpTo = world.chain.finalised.number
  await world.pay(BUDGET, 10_000n)
  world.chain.produceBlocks(8)
  const { accounts } = (await goLive(world, countedUpTo)).snapshot()
  expect(accounts).toEqual([{ account: BUDGET, paid: '10000' }])
})

test('A-LIFE-6 where too much has passed to be read, nobody is asked again for what it may have paid', async () => {
  const world = new WatchedChain()
  world.chain.credit(PAYOUT, 50_000_000n)
  world.chain.produceBlocks(300)
  const { wallets } = (await goLive(world, 4)).snapshot()
  expect(wallets).toEqual([])
})

test('A-COST-1 who a session belongs to is worked out once, not at each change of anything', async () => {
  const world = new WatchedChain()
  world.chain.credit(PAYOUT, 50_000_000n)
  world.chain.produceBlocks(8)
  const bind = vi.spyOn(PayoutEarnings.prototype, 'bind')
  const giver = await goLive(world, world.chain.finalised.number, OLD)
  for (let epoch = 10; epoch < 20; epoch++) {
    giver.setPosition({ epoch, intoMs: 0 }, 4_000 * epoch)
    giver.tick(4_000 * epoch)
  }
  expect(bind).toHaveBeenCalledTimes(1)
  bind.mockRestore()
})
