import type { AccountHex, Call, ExtrinsicSigner } from '../../chain/chain-port.ts'
import { MemoryChain, type MemoryChainOptions } from '../../chain/testing/memory-chain.ts'
import type { MemoryPort } from '../../chain/testing/memory-port.ts'
import { consoleLogger } from '../../console-logger.ts'
import type { Logger } from '../../ports.ts'
import { MemoryEarningsStore } from '../../store/earnings-memory.ts'
import type { EarningsStore } from '../../store/earnings-store.ts'
import { PayoutWatcher } from '../chain-watcher.ts'
import { EvidenceSum } from './evidence-sum.ts'

export const testAccount = (digit: string): AccountHex => `0x${digit.repeat(64)}`
export const PAYOUT = testAccount('c')
/** Long enough that a gap is tried again, whatever was waited before, ms. */
export const A_LONG_WHILE_MS = 3_600_000

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  scope: () => SILENT,
}

/** One load of a creator's page. */
export type PageLoad = {
  readonly watcher: PayoutWatcher
  readonly port: MemoryPort
  readonly sum: EvidenceSum
  tick(): void
  close(): Promise<void>
}

/** A chain in memory, a payout account on it, and creator's pages that watch it; time passes when the test says so. */
export class WatchedChain {
  readonly chain: MemoryChain
  readonly store: EarningsStore
  #nowMs = 0
  readonly clock = { nowMs: () => this.#nowMs, wallMs: () => 1_700_000_000_000 + this.#nowMs }
  readonly #pages = new Set<PageLoad>()

  constructor(options: MemoryChainOptions = {}, store: EarningsStore = new MemoryEarningsStore()) {
    this.chain = new MemoryChain(options)
    this.store = store
  }

  /** Resolves when nothing more happens by itself: the fakes have no timers. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
  }

  /** Time passes and every page's clock ticks once. */
  async pass(ms: number): Promise<void> {
    this.#nowMs += ms
    for (const page of this.#pages) page.tick()
    await this.settle()
  }

  /** A new block, and what pages make of it. */
  async block(): Promise<void> {
    this.chain.produceBlock()
    await this.settle()
  }

  async load({
    archives = [] as MemoryPort[],
    isAwaited = true,
    /** Nothing is printed of what fails on purpose. */
    isQuiet = false,
    wrap = (port: MemoryPort) => port,
  } = {}): Promise<PageLoad> {
    const ticks = new Set<() => void>()
    const port = this.chain.connect()
    const sum = new EvidenceSum()
    const watcher = new PayoutWatcher(
      {
        chain: wrap(port),
        archives,
        store: this.store,
        clock: this.clock,
        logger: isQuiet ? SILENT : consoleLogger('error'),
        every: (_ms, tick) => {
          ticks.add(tick)
          return () => ticks.delete(tick)
        },
      },
      { payout: PAYOUT, streamId: 'stream', price: () => 10n },
    )
    watcher.follow(evidence => sum.take(evidence))
    const page: PageLoad = {
      watcher,
      port,
      sum,
      tick: () => {
        for (const tick of [...ticks]) tick()
      },
      close: async () => {
        this.#pages.delete(page)
        await watcher.close()
        await port.close()
      },
    }
    this.#pages.add(page)
    const started = watcher.start()
    if (isAwaited) await started
    else started.catch(() => undefined)
    await this.settle()
    return page
  }

  async closeAll(): Promise<void> {
    for (const page of [...this.#pages]) await page.close()
  }

  /** Signed by that account with its next nonce (or `ahead` of it), into the pool. */
  async submit(who: AccountHex, call: (port: MemoryPort) => Call, ahead = 0): Promise<void> {
    const port = this.chain.connect()
    await port.open()
    const birth = port.finalised() ?? { number: 0, hash: '' }
    const { nonce } = this.chain.ledger.account(who)
    const signed = await port.sign(call(port), signerOf(who), {
      nonce: nonce + ahead,
      era: { birth, period: 64 },
    })
    await port.submit(signed.bytes)
    await port.close()
  }

  pay(from: AccountHex, planck: bigint, ahead = 0): Promise<void> {
    return this.submit(from, port => port.calls.transfer(PAYOUT, planck), ahead)
  }

  /** What the canonical chain itself says reached the payout account above this block. */
  async truth(above: number): Promise<{ readonly total: bigint; readonly final: bigint }> {
    const port = this.chain.connect()
    await port.open()
    const pruned = this.chain.pruneBelow
    this.chain.pruneBelow = 0
    let total = 0n
    let final = 0n
    for (let number = above + 1; number <= this.chain.best.number; number++) {
      const { extrinsics } = await port.block(await port.blockHash(number))
      for (const { to, planck } of extrinsics.flatMap(({ transfers }) => transfers)) {
        if (to !== PAYOUT) continue
        total += planck
        if (number <= this.chain.finalised.number) final += planck
      }
    }
    this.chain.pruneBelow = pruned
    await port.close()
    return { total, final }
  }
}

export function signerOf(account: AccountHex): ExtrinsicSigner {
  return { account, scheme: 'ed25519', sign: () => new Uint8Array(64) }
}
