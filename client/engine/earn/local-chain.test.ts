import { expect, it } from 'vitest'
import { startDevchain } from '../../../devchain/index.ts'
import { sessionRemark } from '../../../shared/pay/session-remark.ts'
import { parseHex } from '../../../shared/protocol/hex.ts'
import { devAccount } from '../chain/dev-account.ts'
import { PolkadotChain } from '../chain/polkadot-chain.ts'
import { consoleLogger } from '../console-logger.ts'
import { MemoryEarningsStore } from '../store/earnings-memory.ts'
import { PayoutWatcher } from './chain-watcher.ts'
import { EvidenceSum } from './testing/evidence-sum.ts'
import { testAccount } from './testing/watched-chain.ts'

it('E-FOLLOW-1 E-FUND-1 on the real runtime: a session and its payments, a re-org, finality, the balance', async () => {
  const payout = testAccount('c')
  const wallet = devAccount('Alice')
  const session = testAccount('5')
  const devchain = await startDevchain({ port: 0, blockMs: 0, finalityLag: 3, submissionsPerSecond: 100 })
  const chain = new PolkadotChain({ endpoints: [devchain.wsUrl] })
  let nowMs = 0
  let tick = () => {}
  const clock = { nowMs: () => nowMs, wallMs: () => nowMs }
  const watcher = new PayoutWatcher(
    {
      ...{ chain, store: new MemoryEarningsStore(), clock, logger: consoleLogger('error') },
      every: (_ms, next) => {
        tick = next
        return () => {}
      },
    },
    { payout, streamId: 'stream' },
  )
  const sum = new EvidenceSum()
  try {
    await devchain.fund(wallet.account as `0x${string}`, 10n ** 15n)
    for (let made = 0; made < 4; made++) await devchain.newBlock()
    watcher.follow(each => sum.take(each))
    await watcher.start()
    const { calls } = chain
    const remark = sessionRemark(new Uint8Array(32), parseHex(session) ?? new Uint8Array())
    const birth = chain.finalised()
    if (birth === undefined) throw new Error('nothing is final')
    const call = calls.batchAll([
      calls.transferKeepAlive(session, 10n ** 12n),
      calls.transfer(payout, 10n ** 11n),
      calls.remarkWithEvent(remark),
    ])
    const { nonce } = await chain.balance(wallet.account)
    const signed = await chain.sign(call, wallet, { nonce, era: { birth, period: 64 } })
    expect(await chain.submit(signed.bytes)).toEqual({ kind: 'accepted' })
    await devchain.newBlock()
    await expect.poll(() => sum.total).toBe(10n ** 11n)
    expect(sum.funded).toMatchObject([{ wallet: wallet.account, moved: [{ to: session }, { to: payout }] }])
    await devchain.reorg(1, { isLosingTxs: true })
    await expect.poll(() => sum.total).toBe(0n)
    expect(await chain.submit(signed.bytes)).toMatchObject({ kind: 'accepted' })
    for (let made = 0; made < 4; made++) await devchain.newBlock()
    await expect.poll(() => sum.finalTotal).toBe(10n ** 11n)
    nowMs = 20_000
    tick()
    await expect.poll(() => watcher.check.kind).toBe('matches')
    expect(sum.unread).toEqual([])
  } finally {
    await watcher.close()
    await chain.close()
    await devchain.close()
  }
}, 60_000)
