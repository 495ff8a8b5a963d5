import { startDevchain } from '../../../devchain/index.ts'
import { PolkadotChain } from './polkadot-chain.ts'
import { type ChainWorld, chainPortSuite } from './testing/chain-port-suite.ts'
import { MemoryChain } from './testing/memory-chain.ts'
import { MemoryPort } from './testing/memory-port.ts'

chainPortSuite('memory chain', async () => {
  const chain = new MemoryChain({ finalityLag: 3 })
  chain.produceBlocks(3)
  return {
    connect: () => chain.connect(),
    fund: async (account, planck) => chain.credit(account, planck),
    newBlock: async () => void chain.produceBlock(),
    reorg: async depth => chain.reorg(depth, { drops: true }),
    cut: async port => void (port instanceof MemoryPort && port.cut()),
    mend: async port => void (port instanceof MemoryPort && port.mend()),
    close: async () => {},
  }
})

chainPortSuite('local Asset Hub', async (): Promise<ChainWorld> => {
  const devchain = await startDevchain({ port: 0, blockMs: 0, finalityLag: 3, submissionsPerSecond: 100 })
  for (let made = 0; made < 3; made++) await devchain.newBlock()
  return {
    connect: () => new PolkadotChain({ endpoints: [devchain.wsUrl] }),
    fund: (account, planck) => devchain.fund(account as `0x${string}`, planck),
    newBlock: async () => void (await devchain.newBlock()),
    reorg: async depth => void (await devchain.reorg(depth, { isLosingTxs: true })),
    cut: async () => devchain.dropRpc(),
    mend: async () => devchain.restoreRpc(),
    close: () => devchain.close(),
  }
})
