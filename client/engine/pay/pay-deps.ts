import type { PayerCore } from '../../../shared/pay/payer-contract.ts'
import type { ChainInfo, ChainPort } from '../chain/chain-port.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import type { SessionLocks } from './session-locks.ts'

/** What sessions stand on: all of it differs between a browser, Node and a test. */
export type PayDeps = {
  readonly chain: ChainPort
  readonly ledger: LedgerStore
  readonly locks: SessionLocks
  readonly makeCore: () => PayerCore
  /** Monotonic, ms. */
  readonly now: () => number
  /** Wall clock, ms: for display only. */
  readonly wallClock: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Returns its stop. */
  readonly every: (ms: number, tick: () => void) => () => void
  /** A POST that outlives the page, not waited for. */
  readonly sendLast: (url: string, body: string) => void
}

/** A page's dependencies but for chain, ledger and locks. */
export const REAL_TIME = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  random: () => Math.random(),
  every: (ms: number, tick: () => void) => {
    const timer = setInterval(tick, ms)
    return () => clearInterval(timer)
  },
  sendLast: (url: string, body: string) => {
    // The page is going: nobody is left to tell of a failure, and the next visit looks at the chain itself.
    void fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      keepalive: true,
    }).catch(() => {})
  },
} as const

export type Unit = Pick<ChainInfo, 'symbol' | 'decimals'>
