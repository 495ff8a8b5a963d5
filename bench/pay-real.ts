import { randomBytes } from 'node:crypto'
import { PolkadotChain } from '../client/engine/chain/polkadot-chain.ts'
import { REAL_TIME } from '../client/engine/pay/pay-deps.ts'
import type { FundRequest, PaySession, PaySessions } from '../client/engine/pay/pay-session-contract.ts'
import { createPaySessions } from '../client/engine/pay/pay-sessions.ts'
import { MemorySessionLocks } from '../client/engine/pay/session-locks.ts'
import { TestWallet, testDisk } from '../client/engine/pay/testing/pay-world.ts'
import { testKey } from '../client/engine/pay/testing/test-key.ts'
import { LinesLedger } from '../client/engine/store/ledger-lines.ts'
import { type Devchain, startDevchain } from '../devchain/index.ts'
import { createPayerCore } from '../shared/pay/payer-core.ts'
import { hexText } from '../shared/protocol/hex.ts'
import { delay, until } from './clock.ts'
import { count, newTally, type Tally } from './pay-simulated.ts'

/** planck: 0.0001 ROC a second. */
const PRICE = 100_000_000n
const BUDGET = 6_000_000_000n
const WALLET_PLANCK = 1_000_000_000_000n
const PAYOUT_PLANCK = 1_000_000_000n
const FEE_SPIKE = 50
const STEP_LIMIT_MS = 60_000
/** A page hears of a block, asks, signs and sends within this, usually; nothing is wrong when it does not. */
const BETWEEN_BLOCKS_MS = 400

type Page = { readonly sessions: PaySessions; readonly chain: PolkadotChain; submits: number }
type Watching = { page: Page; session: PaySession }

/** Each has one fault in the middle of eight seconds, and one way to end. */
const SCENARIOS = [
  'reload-in-mid-payment',
  'rpc-drop',
  'delayed-blocks',
  'refused',
  'fee-spike',
  're-org-1',
  're-org-2',
  're-org-3',
  'two-tabs',
  'chain-restarted',
] as const
export type Scenario = (typeof SCENARIOS)[number]

/** Sessions of the real shell and core on a real Asset Hub runtime, one after the other; blocks are made by hand. */
export async function realSessions(sessions: number, say: (text: string) => void): Promise<Tally> {
  const tally = newTally()
  const devchain = await startDevchain({ port: 0, blockMs: 2_000, finalityLag: 3, submissionsPerSecond: 100 })
  const pages: Page[] = []
  try {
    devchain.pauseBlocks()
    for (let made = 0; made < 5; made++) await devchain.newBlock()
    for (let index = 0; index < sessions; index++) {
      // What comes after a restart would be another chain's: that one is last.
      const isLast = index === sessions - 1 && sessions >= SCENARIOS.length
      const scenario = isLast ? 'chain-restarted' : SCENARIOS[index % (SCENARIOS.length - 1)]
      if (scenario === undefined) continue
      say(`real session ${index + 1} of ${sessions}: ${scenario}`)
      await new RealSession(devchain, pages, tally, scenario, index).run()
      for (const page of pages.splice(0)) await shut(page)
    }
  } finally {
    for (const page of pages) await shut(page)
    await devchain.close()
  }
  return tally
}

async function shut({ sessions, chain }: Page): Promise<void> {
  await sessions.close()
  await chain.close()
}

class RealSession {
  readonly #devchain: Devchain
  readonly #pages: Page[]
  readonly #tally: Tally
  readonly #scenario: Scenario
  readonly #index: number
  readonly #disk = testDisk()
  readonly #locks = new MemorySessionLocks()
  readonly #payout = hexText(randomBytes(32)) as `0x${string}`
  #told = 0

  constructor(devchain: Devchain, pages: Page[], tally: Tally, scenario: Scenario, index: number) {
    this.#devchain = devchain
    this.#pages = pages
    this.#tally = tally
    this.#scenario = scenario
    this.#index = index
  }

  async run(): Promise<void> {
    const wallet = await this.#wallet()
    const page = this.#page()
    await page.chain.open()
    const free = async (account: string) => (await page.chain.balance(account)).free
    const before = { wallet: await free(wallet.account), payout: await free(this.#payout) }
    const watching: Watching = { page, session: await this.#mine(page.sessions.open(this.#request(wallet))) }
    await this.#watch(watching, 4)
    await this.#strike(watching)
    this.#tally.sessions++
    count(this.#tally, this.#scenario)
    if (this.#scenario === 'chain-restarted') return this.#archived(watching)
    await this.#watch(watching, 4)
    await this.#end(watching)
    await this.#books(wallet, watching, before)
  }

  async #end({ page, session }: Watching): Promise<void> {
    // Every third page goes with a farewell, every third without a word; the next visit finds out.
    const kind = ['leave', 'farewell', 'die'][this.#index % 3]
    if (kind === 'leave') {
      await this.#mine(session.leave())
      await this.#mine(until('closed', () => session.state.kind === 'closed', STEP_LIMIT_MS))
      return
    }
    if (kind === 'farewell') session.closeNow()
    this.#tally.crashes++
    count(this.#tally, kind === 'farewell' ? 'tab-closed' : 'crash')
    await page.sessions.close()
    await this.#mine(delay(1_500))
    await this.#mine(this.#page().sessions.recover())
  }

  async #books(
    wallet: TestWallet,
    { session }: Watching,
    before: { readonly wallet: bigint; readonly payout: bigint },
  ): Promise<void> {
    const page = this.#page()
    await page.chain.open()
    const free = async (account: string) => (await page.chain.balance(account)).free
    const [summary] = await page.sessions.list()
    if (summary === undefined) throw new Error('the session is not in the ledger')
    const paid = (await free(this.#payout)) - before.payout
    const fees = summary.money.sessionFees + summary.money.walletFees
    const left = (await free(session.id)) + (await free(session.budgetAccount))
    const nowhere = before.wallet - (await free(wallet.account)) - paid - fees - left
    const tally = this.#tally
    tally.ticksPlayed += Number(summary.owed / PRICE)
    tally.ticksPaid += Number(paid / PRICE)
    tally.ticksLost += this.#told - Number(summary.owed / PRICE)
    tally.paid += paid
    tally.fees += summary.money.sessionFees
    tally.unaccounted += nowhere < 0n ? -nowhere : nowhere
    if (paid > summary.owed) tally.doublePaid += paid - summary.owed
    const wrong: string[] = []
    if (paid !== summary.owed) wrong.push(`played ${summary.owed}, paid ${paid}`)
    if (summary.phase !== 'closed') wrong.push(`it is ${summary.phase}`)
    if (left !== 0n) wrong.push(`${left} planck are left on its accounts`)
    if (nowhere !== 0n) wrong.push(`${nowhere} planck are nowhere`)
    if (wrong.length > 0) tally.wrong.push(`real ${this.#scenario}: ${wrong.join('; ')}`)
  }

  async #archived({ page, session }: Watching): Promise<void> {
    await until('archived', () => session.state.kind !== 'active', STEP_LIMIT_MS)
    const [summary] = await page.sessions.list()
    this.#tally.archived++
    this.#tally.archivedTicks += summary?.ticks ?? 0
    if (summary?.phase !== 'archived') this.#tally.wrong.push(`real chain-restarted: it is ${summary?.phase}`)
  }

  async #strike(watching: Watching): Promise<void> {
    const devchain = this.#devchain
    const { page, session } = watching
    switch (this.#scenario) {
      case 'reload-in-mid-payment': {
        const { submits } = page
        this.#tick(session, 2)
        await this.#mine(
          until('a payment', () => page.submits > submits, STEP_LIMIT_MS),
          BETWEEN_BLOCKS_MS,
        )
        this.#tally.crashes++
        await page.sessions.close()
        return this.#goOn(watching)
      }
      case 'rpc-drop':
        devchain.dropRpc()
        await until('the chain is down', () => session.state.kind === 'chain-down', STEP_LIMIT_MS)
        this.#tick(session, 2)
        devchain.restoreRpc()
        return this.#mine(until('active', () => session.state.kind === 'active', STEP_LIMIT_MS))
      case 'delayed-blocks':
        this.#tick(session, 2)
        return delay(8_000)
      case 'refused':
        devchain.refuseNext(2, 1_012)
        await this.#watch(watching, 2)
        return devchain.refuseNext(2, 1_016)
      case 'fee-spike':
        await devchain.spikeFees(FEE_SPIKE)
        await this.#watch(watching, 4)
        return devchain.spikeFees(1)
      case 're-org-1':
      case 're-org-2':
      case 're-org-3':
        await devchain.reorg(Number(this.#scenario.slice(-1)))
        return
      case 'two-tabs':
        return this.#takeOver(watching)
      case 'chain-restarted':
        return devchain.restartAsNewChain()
    }
  }

  async #goOn(watching: Watching): Promise<void> {
    watching.page = this.#page()
    await watching.page.chain.open()
    const request = this.#request(undefined)
    const session = await this.#mine(watching.page.sessions.resume(request.streamId, undefined))
    if (session === undefined) throw new Error('the session was not found again')
    session.terms(request.terms)
    watching.session = session
  }

  async #takeOver(watching: Watching): Promise<void> {
    const first = watching.session
    await this.#goOn(watching)
    const { session } = watching
    if (session.state.kind !== 'in-another-tab') this.#tally.wrong.push('two tabs pay at once')
    await this.#mine(session.takeOver())
    await this.#mine(until('active', () => session.state.kind === 'active', STEP_LIMIT_MS))
    if (first.mayWatch) this.#tally.wrong.push('the tab that let go still plays')
  }

  async #watch({ session }: Watching, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 2) {
      await this.#mine(until('watching', () => session.mayWatch, STEP_LIMIT_MS))
      this.#tick(session, 2)
      await this.#mine(delay(2 * BETWEEN_BLOCKS_MS))
    }
  }

  #tick(session: PaySession, seconds: number): void {
    if (!session.mayWatch) return
    this.#told += seconds
    session.tick(seconds, 1 + Math.floor(this.#told / 4), PRICE)
  }

  /** Blocks until it is done; each leaves the page time to hear of it. */
  async #mine<T>(work: Promise<T>, betweenMs = BETWEEN_BLOCKS_MS): Promise<T> {
    let isDone = false
    const mark = (): void => {
      isDone = true
    }
    work.then(mark, mark)
    for (let made = 0; made < 60 && !isDone; made++) {
      await Promise.race([work.catch(() => {}), delay(betweenMs)])
      if (!isDone) await this.#devchain.newBlock()
    }
    if (!isDone) throw new Error(`${this.#scenario}: not done after 60 blocks`)
    return work
  }

  #page(): Page {
    const chain = new PolkadotChain({ endpoints: [this.#devchain.wsUrl] })
    const sessions = createPaySessions({
      ...REAL_TIME,
      chain,
      ledger: new LinesLedger(this.#disk),
      locks: this.#locks,
      makeCore: createPayerCore,
    })
    const page: Page = { sessions, chain, submits: 0 }
    const submit = chain.submit.bind(chain)
    chain.submit = (extrinsic, options) => {
      page.submits++
      return submit(extrinsic, options)
    }
    this.#pages.push(page)
    return page
  }

  async #wallet(): Promise<TestWallet> {
    const signer = testKey()
    const wallet = new TestWallet(hexText(signer.publicKey), payload => signer.sign(payload))
    await this.#devchain.fund(wallet.account as `0x${string}`, WALLET_PLANCK)
    await this.#devchain.fund(this.#payout, PAYOUT_PLANCK)
    await this.#devchain.newBlock()
    this.#owner = wallet
    return wallet
  }

  #owner: TestWallet | undefined

  #request(wallet: TestWallet | undefined): FundRequest {
    const owner = wallet ?? this.#owner
    if (owner === undefined) throw new Error('no wallet yet')
    return {
      streamId: new Uint8Array(32).fill(1 + this.#index),
      title: 'A stream',
      payout: this.#payout,
      creator: this.#payout,
      genesis: this.#devchain.genesis,
      acceptedPrice: PRICE,
      budget: BUDGET,
      terms: { price: PRICE, epochMs: 4_000, creditSeconds: 40 },
      wallet: owner,
    }
  }
}
