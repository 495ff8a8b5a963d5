import { describe, expect, it } from 'vitest'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import { creditSecondsOf, FREE, priceOptions, readPrice } from './price-settings.ts'

const chain = { symbol: 'ROC', decimals: 12, blockMs: 2_000, genesis: `0x${'1'.repeat(64)}` } as ChainInfo
const account = {
  account: `0x${'4'.repeat(64)}`,
  address: '',
  name: '',
  scheme: 'sr25519',
  isDemo: true,
  signer: { account: '', scheme: 'sr25519', sign: () => new Uint8Array() },
  signText: async () => new Uint8Array(),
} as const

describe('the price of a stream', () => {
  it('U-PRICE-1 is whole planck a second, an hour rounded down', () => {
    const of = (amount: string, per: 'hour' | 'second') => readPrice({ ...FREE, amount, per }, chain)
    expect(of('3.6', 'hour')).toEqual({ kind: 'price', pricePerSecond: 1_000_000_000n })
    expect(of('1', 'hour')).toEqual({ kind: 'price', pricePerSecond: 277_777_777n })
    expect(of('0,001', 'second')).toEqual({ kind: 'price', pricePerSecond: 1_000_000_000n })
  })

  it('U-PRICE-1 says what is wrong with one', () => {
    const of = (amount: string) => {
      const reading = readPrice({ ...FREE, amount }, chain)
      return reading.kind === 'problem' ? reading.sentence : ''
    }
    expect(of('')).toContain('Name a price')
    expect(of('1e3')).toContain('“1e3” is no price')
    expect(of('0.000000000001')).toContain('less than the smallest unit')
  })

  it('U-PRICE-2 the least credit is 12 s at 4 s epochs and 2 s blocks, and more on slower chains; usual is 6 s more', () => {
    const credit = [2_000, 6_000, 12_000].map(blockMs => creditSecondsOf({ blockMs }))
    expect(credit.map(({ least }) => least)).toEqual([12, 24, 42])
    expect(credit.map(({ usual }) => usual)).toEqual([18, 30, 48])
  })

  it('U-PRICE-3 needs an account, and certifies room for raises', () => {
    const settings = { ...FREE, isPaid: true, amount: '3.6' }
    expect(priceOptions(settings, chain)).toContain('Choose the account')
    expect(priceOptions({ ...settings, account, creditSeconds: 0 }, chain)).toEqual({
      pricePerSecond: 1_000_000_000n,
      highestPrice: 4_000_000_000n,
      payout: account.account,
      genesis: chain.genesis,
      previewSeconds: 8,
      creditSeconds: 0,
    })
  })
})
