import { expect } from 'vitest'
import type { DownMessage, UpMessage } from '../../shared/protocol/up-signature.ts'
import { Disposer } from './disposer.ts'
import { HandSession, type TestAccount, testAccount } from './hand-session.ts'
import { HostileWire } from './hostile-wire.ts'
import { idOf, parentOf } from './node-mesh.ts'
import { MemoryPaidChain } from './paid-chain.ts'
import { type PaidCreator, PaidMesh, type Payer, type Rider } from './paid-mesh.ts'
import { until } from './until.ts'

/** planck a second. */
export const PRICE = 1_000_000n
export const PREVIEW_SECONDS = 1
/** Least that an honest payer needs with epochs of 1 s and blocks of 250 ms is 4. */
export const CREDIT_SECONDS = 6
export const EPOCH_SECONDS = 1
/**
 * Of pictures that nobody paid for. Whole epochs are granted, and all sums here are whole seconds: the part of one epoch
 * that is not owed when its key is asked for late (A-LATE-1) never adds up to one more.
 */
export const UNPAID_MAX_SECONDS = PREVIEW_SECONDS + CREDIT_SECONDS

const BUDGET = 60n * PRICE

type Carried = UpMessage | DownMessage
type Needs = { readonly disposer: Disposer; readonly riders: number }

/** creator ─ payer ─ rider (─ rider …) ─ payer: whatever a rider is shown itself, the payer below lives on what it forwards. */
export class RiderScene {
  readonly chain: MemoryPaidChain
  readonly mesh: PaidMesh
  readonly creator: PaidCreator
  readonly above: Payer
  readonly riders: readonly Rider[]
  /** Of the first rider. */
  readonly wire: HostileWire
  /** Messages up and down that the first rider sent on. */
  readonly carried: Carried[]
  readonly below: Payer
  readonly #disposer: Disposer
  readonly #sinceUs: number

  private constructor(
    parts: Pick<RiderScene, 'chain' | 'mesh' | 'creator' | 'above' | 'riders' | 'wire' | 'carried' | 'below'>,
    disposer: Disposer,
  ) {
    this.chain = parts.chain
    this.mesh = parts.mesh
    this.creator = parts.creator
    this.above = parts.above
    this.riders = parts.riders
    this.wire = parts.wire
    this.carried = parts.carried
    this.below = parts.below
    this.#disposer = disposer
    this.#sinceUs = this.below.codes.newestUs
  }

  /** Runs `act` in it, looks afterwards whether both payers were served throughout, and ends it. */
  static async run(act: (scene: RiderScene) => Promise<void>, riders = 1): Promise<void> {
    const disposer = new Disposer()
    try {
      const scene = await RiderScene.#set({ disposer, riders })
      scene.#expectOrder()
      await act(scene)
      await scene.#expectServed()
    } finally {
      await disposer.dispose()
    }
  }

  static async #set({ disposer, riders: count }: Needs): Promise<RiderScene> {
    const chain = new MemoryPaidChain(disposer)
    const terms = { price: PRICE, previewSeconds: PREVIEW_SECONDS, creditSeconds: CREDIT_SECONDS }
    const mesh = await PaidMesh.start(disposer, chain, terms)
    const creator = await mesh.startCreator(1)
    const { streamId } = creator
    const above = await mesh.startPayer(streamId, 1)
    const wire = new HostileWire()
    const carried: Carried[] = []
    wire.lie = message => {
      if (message.kind === 'up' || message.kind === 'down') carried.push(message)
      return message
    }
    const riders: Rider[] = []
    for (let index = 0; index < count; index++) {
      const changes = index === 0 ? { createPeer: wire.wrap.bind(wire) } : {}
      riders.push(await mesh.startRider(streamId, 1, changes))
    }
    const below = await mesh.startPayer(streamId, 0)
    return new RiderScene({ chain, mesh, creator, above, riders, wire, carried, below }, disposer)
  }

  /** The first. */
  get rider(): Rider {
    const [rider] = this.riders
    if (rider === undefined) throw new Error('there is no rider')
    return rider
  }

  /** A wallet with money. */
  async wallet(): Promise<TestAccount> {
    const wallet = testAccount()
    await this.chain.fund(wallet.account, 10n * BUDGET)
    return wallet
  }

  /** A session that is funded, and pays only when told to. */
  async open(wallet: TestAccount): Promise<HandSession> {
    const port = this.chain.connect()
    this.#disposer.defer(() => port.close())
    const { streamId } = this.creator
    return HandSession.open(port, wallet, { streamId, payout: this.chain.payout, budget: BUDGET })
  }

  /** planck, by the creator's count. */
  paidBy({ accounts }: HandSession): bigint {
    const row = this.creator.rows().find(({ session }) => session === accounts.session)
    return row?.paid ?? 0n
  }

  /** planck that a wallet owes, by the creator's count. */
  unpaidBy(wallet: string): bigint {
    const rows = this.creator.rows().filter(row => row.wallet === wallet)
    return rows.reduce((unpaid, { owed, paid }) => unpaid + owed - paid, 0n)
  }

  /** The rider asks for keys in its name. */
  async unlock(rider: Rider, { accounts, signer }: HandSession): Promise<void> {
    await rider.viewer.unlock({ wallet: accounts.wallet, session: signer, acceptedPrice: PRICE })
  }

  /** Resolves when the creator's page has sent so much more. */
  async pass(seconds: number): Promise<void> {
    const untilUs = this.creator.sent.newestUs + seconds * 1_000_000
    const what = `${seconds} s of media`
    await until(what, () => this.creator.sent.newestUs >= untilUs, 15_000 + seconds * 2_000)
  }

  /** Resolves when it was refused a key for want of money; `after`: so many states ago. */
  async refused(rider: Rider, after = 0): Promise<void> {
    const isRefused = (): boolean =>
      rider.states.slice(after).some(state => state.kind === 'refused' && state.code === 'unpaid')
    await until(() => `refused: ${JSON.stringify(rider.viewer.access, text)}`, isRefused, 40_000)
  }

  #expectOrder(): void {
    const members = [this.above, ...this.riders, this.below].map(({ viewer }) => viewer)
    for (const [index, member] of members.slice(1).entries()) {
      const parent = members[index]
      expect(parent === undefined ? undefined : idOf(parent)).toBe(parentOf(member))
    }
  }

  /** As far as the stream had come by now. */
  async #expectServed(): Promise<void> {
    const payers = [this.above, this.below]
    const untilUs = this.creator.sent.newestUs
    await until(
      () => `both payers are at ${untilUs}: ${payers.map(({ codes }) => codes.newestUs)}`,
      () => payers.every(({ codes }) => codes.newestUs >= untilUs),
    )
    for (const { codes } of payers) expect(codes.gaps(this.#sinceUs)).toEqual([])
    this.#expectOrder()
  }
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value
}
