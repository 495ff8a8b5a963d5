import { createPayerCore } from '../../../../shared/pay/payer-core.ts'
import { hexText } from '../../../../shared/protocol/hex.ts'
import type { ExtrinsicSigner } from '../../chain/chain-port.ts'
import { MemoryChain, type MemoryChainOptions } from '../../chain/testing/memory-chain.ts'
import type { MemoryPort } from '../../chain/testing/memory-port.ts'
import { type LedgerFiles, LinesLedger } from '../../store/ledger-lines.ts'
import type { LedgerStore } from '../../store/ledger-store.ts'
import { MemoryLedgerFiles } from '../../store/testing/memory-ledger-files.ts'
import type { PayDeps } from '../pay-deps.ts'
import type { FundRequest, PaySessions } from '../pay-session-contract.ts'
import { createPaySessions } from '../pay-sessions.ts'
import { type HeldLock, MemorySessionLocks } from '../session-locks.ts'
import { testKey } from './test-key.ts'

/** A wallet whose prompts are counted, and can be answered otherwise. */
export class TestWallet implements ExtrinsicSigner {
  readonly account: string
  readonly scheme = 'ed25519'
  prompts = 0
  /** Throw here to refuse. */
  onPrompt: () => void | Promise<void> = () => {}
  readonly #sign: (payload: Uint8Array) => Uint8Array | Promise<Uint8Array>

  constructor(account: string, sign: (payload: Uint8Array) => Uint8Array | Promise<Uint8Array>) {
    this.account = account
    this.#sign = sign
  }

  async sign(payload: Uint8Array): Promise<Uint8Array> {
    this.prompts += 1
    await this.onPrompt()
    return this.#sign(payload)
  }
}

export type Tab = {
  readonly sessions: PaySessions
  readonly port: MemoryPort
  readonly ledger: LedgerStore
  /** What `pagehide` sent. */
  readonly sent: string[]
  /** The process ends here and now: nothing of it is written, sent or held any more. */
  kill(): Promise<void>
  /** Runs before or after every row that this tab writes: kill it there. */
  onWrite: (when: 'before' | 'after') => void
}

/** One device with a disk and several tabs, a wallet, a creator and a memory chain; time stands still unless moved. */
export class PayWorld {
  readonly chain: MemoryChain
  readonly disk = testDisk()
  readonly locks = new MemorySessionLocks()
  readonly payout = `0x${'c0'.repeat(32)}`
  readonly streamId = new Uint8Array(32).fill(7)
  readonly wallet: TestWallet
  /** Sent at `pagehide` reaches the node; false: it is lost. */
  doFarewellsArrive = true
  nowMs = 1_000_000
  readonly #clocks = new Set<() => void>()

  private constructor(chain: MemoryChain, wallet: TestWallet) {
    this.chain = chain
    this.wallet = wallet
  }

  static create(options: MemoryChainOptions = {}): PayWorld {
    const chain = new MemoryChain(options)
    const signer = testKey()
    const wallet = new TestWallet(hexText(signer.publicKey), payload => signer.sign(payload))
    const world = new PayWorld(chain, wallet)
    chain.credit(wallet.account, 10_000_000n)
    chain.credit(world.payout, 5_000n)
    chain.produceBlocks(5)
    return world
  }

  /** A page of the site. `disk`: other storage than this device's; `ledger`: seen at once by both, as IndexedDB is. */
  tab({
    disk = this.disk,
    locks = this.locks,
    ledger: shared,
  }: {
    disk?: MemoryLedgerFiles
    locks?: MemorySessionLocks
    ledger?: LedgerStore
  } = {}): Tab {
    const port = this.chain.connect()
    const clocks = new Set<() => void>()
    const held = new Set<HeldLock>()
    const life = { isDead: false }
    const sent: string[] = []
    const tab = {
      port,
      sent,
      onWrite: (_when: 'before' | 'after'): void => {},
      kill: async () => {
        life.isDead = true
        for (const tick of clocks) this.#clocks.delete(tick)
        await port.close()
        for (const lock of held) lock.release()
      },
    }
    const ledger = shared ?? new LinesLedger(mortal(disk, life, when => tab.onWrite(when)))
    const keep = (lock: HeldLock | undefined): HeldLock | undefined => {
      if (lock !== undefined) held.add(lock)
      return lock
    }
    const deps: PayDeps = {
      chain: port,
      ledger,
      locks: {
        acquire: async account => keep(await locks.acquire(account)),
        isHeld: account => locks.isHeld(account),
        takeOver: async (account, options) => {
          const lock = await locks.takeOver(account, options)
          held.add(lock)
          return lock
        },
      },
      makeCore: createPayerCore,
      now: () => this.nowMs,
      wallClock: () => 0,
      random: () => 0.5,
      every: (_ms, tick) => {
        this.#clocks.add(tick)
        clocks.add(tick)
        return () => this.#clocks.delete(tick)
      },
      sendLast: (_url, body) => {
        if (life.isDead) return
        sent.push(body)
        if (this.doFarewellsArrive) this.chain.submit(bytesOf(body))
      },
    }
    return Object.assign(tab, { sessions: createPaySessions(deps), ledger })
  }

  request(more: Partial<FundRequest> = {}): FundRequest {
    return {
      streamId: this.streamId,
      title: 'A stream',
      payout: this.payout,
      creator: `0x${'cc'.repeat(32)}`,
      genesis: this.chain.info().genesis,
      acceptedPrice: 1_000n,
      budget: 100_000n,
      terms: { price: 1_000n, epochMs: 4_000, creditSeconds: 12 },
      wallet: this.wallet,
      ...more,
    }
  }

  /** Lets everything that waits for nothing but itself run. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
  }

  /** 500 ms pass. */
  async poll(): Promise<void> {
    this.nowMs += 500
    for (const tick of [...this.#clocks]) tick()
    await this.settle()
  }

  /** A block time passes, and a block comes. */
  async block(count = 1): Promise<void> {
    for (let made = 0; made < count; made++) {
      for (let polls = 0; polls < 4; polls++) await this.poll()
      this.chain.produceBlock()
      await this.settle()
    }
  }

  /** Blocks until it is done. Rejects with what it rejects with. */
  async mine<T>(work: Promise<T>, most = 60): Promise<T> {
    let isDone = false
    const mark = (): void => {
      isDone = true
    }
    work.then(mark, mark)
    await this.settle()
    for (let made = 0; made < most && !isDone; made++) await this.block()
    if (!isDone) throw new Error(`not done after ${most} blocks`)
    return work
  }
}

/** Storage of a device that has nothing yet. */
export function testDisk(): MemoryLedgerFiles {
  return new MemoryLedgerFiles(() => Promise.resolve(testKey()))
}

/** A disk as a process sees it: after its death nothing is written, and nobody waits for it. */
function mortal(
  disk: MemoryLedgerFiles,
  life: { readonly isDead: boolean },
  onWrite: (when: 'before' | 'after') => void,
): LedgerFiles {
  const alive = <T>(work: () => T): T => {
    if (life.isDead) throw new Error('the process is dead')
    return work()
  }
  return {
    list: () => disk.list(),
    read: name => disk.read(name),
    append: async (name, text) => {
      onWrite('before')
      await alive(() => disk.append(name, text))
      onWrite('after')
      alive(() => {})
    },
    truncate: (name, length) => alive(() => disk.truncate(name, length)),
    makeKey: () => alive(() => disk.makeKey()),
    key: name => disk.key(name),
    dropKey: name => alive(() => disk.dropKey(name)),
    noteFarewell: name => alive(() => disk.noteFarewell(name)),
    hasFarewell: name => disk.hasFarewell(name),
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}
