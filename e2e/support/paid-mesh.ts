import type { AccessGiver, AccessRow } from '../../client/engine/access/access-contract.ts'
import { AccessTakerShell } from '../../client/engine/access/access-taker.ts'
import { WebContentOpener } from '../../client/engine/access/content-opener.ts'
import { Broadcaster } from '../../client/engine/broadcaster.ts'
import type { AccessState } from '../../client/engine/events.ts'
import { MemoryAccessStore } from '../../client/engine/paid/access-store.ts'
import { PaidStream } from '../../client/engine/paid/paid-stream.ts'
import { ViewerPayment } from '../../client/engine/paid/paid-viewing.ts'
import { REAL_TIME } from '../../client/engine/pay/pay-deps.ts'
import { createPaySessions } from '../../client/engine/pay/pay-sessions.ts'
import { MemorySessionLocks } from '../../client/engine/pay/session-locks.ts'
import { TestWallet, testDisk } from '../../client/engine/pay/testing/pay-world.ts'
import { MemoryEarningsStore } from '../../client/engine/store/earnings-memory.ts'
import { LinesLedger } from '../../client/engine/store/ledger-lines.ts'
import { Viewer } from '../../client/engine/viewer.ts'
import { nodeSealKey } from '../../client/headless/node-seal-key.ts'
import { Meter } from '../../shared/pay/meter.ts'
import { createPayerCore } from '../../shared/pay/payer-core.ts'
import type { StreamId } from '../../shared/protocol/ids.ts'
import type { UpMessage } from '../../shared/protocol/up-signature.ts'
import type { Disposer } from './disposer.ts'
import { type TestAccount, testAccount } from './hand-session.ts'
import { NodeMesh, type PeerChanges } from './node-mesh.ts'
import type { PaidChain } from './paid-chain.ts'
import { SYNTHETIC_TRACK, SyntheticSource } from './synthetic-source.ts'
import { TimeCodes, withTimeCode } from './time-codes.ts'
import { until } from './until.ts'

export type PaidTerms = {
  /** planck a second. */
  readonly price: bigint
  readonly previewSeconds: number
  readonly creditSeconds: number
}

const EPOCH_MS = 1_000
const BUDGET_SECONDS = 60n

/** Broadcasts frames that carry time codes, for money. */
export type PaidCreator = {
  readonly broadcaster: Broadcaster
  readonly streamId: StreamId
  readonly sent: TimeCodes
  /** Whose questions reached it, hex of their origins. */
  readonly heard: UpMessage[]
  rows(): readonly AccessRow[]
}

/** Watches and forwards as the product does; who pays, and whether, is the test's to say. */
export type Rider = {
  readonly viewer: Viewer
  readonly codes: TimeCodes
  readonly states: AccessState[]
  /** Content keys it was sent, by epoch. */
  readonly keys: Map<number, Uint8Array>
}

/** Pays as the product does. */
export type Payer = Rider & { readonly wallet: TestWallet; readonly payment: ViewerPayment }

/** A paid stream among peers of this process: a real tracker, real WebRTC, real sessions on the given chain. */
export class PaidMesh {
  readonly mesh: NodeMesh
  readonly chain: PaidChain
  readonly terms: PaidTerms
  readonly #disposer: Disposer

  private constructor(mesh: NodeMesh, chain: PaidChain, terms: PaidTerms, disposer: Disposer) {
    this.mesh = mesh
    this.chain = chain
    this.terms = terms
    this.#disposer = disposer
  }

  static async start(disposer: Disposer, chain: PaidChain, terms: PaidTerms): Promise<PaidMesh> {
    return new PaidMesh(await NodeMesh.start(disposer), chain, terms, disposer)
  }

  async startCreator(slots: number): Promise<PaidCreator> {
    const deps = await this.mesh.deps()
    const port = this.chain.connect()
    this.#disposer.defer(() => port.close())
    const { genesis } = await port.open()
    const { price, previewSeconds, creditSeconds } = this.terms
    const paid = await PaidStream.prepare(
      {
        ...deps,
        chain: port,
        earnings: new MemoryEarningsStore(),
        access: new MemoryAccessStore(),
        sealKey: nodeSealKey,
      },
      {
        pricePerSecond: price,
        highestPrice: price,
        payout: this.chain.payout,
        genesis,
        previewSeconds,
        creditSeconds,
        epochMs: EPOCH_MS,
      },
    )
    this.#disposer.defer(() => paid.close())
    const broadcaster = new Broadcaster(deps, { slots })
    this.#disposer.defer(() => broadcaster.close())
    const heard: UpMessage[] = []
    let giver: AccessGiver | undefined
    const { streamId } = await broadcaster.startStream({
      title: 'paid',
      tracks: [SYNTHETIC_TRACK],
      paid: {
        ...paid.forBroadcast,
        access: {
          publicKey: paid.publicKey,
          open: stream => {
            const opened = paid.open(stream)
            giver = opened.giver
            const receive = giver.receiveUp.bind(giver)
            giver.receiveUp = message => {
              heard.push({ kind: 'up', signature: new Uint8Array(), ...message })
              return receive(message)
            }
            return opened
          },
        },
      },
    })
    paid.follow(broadcaster)
    const sent = new TimeCodes()
    broadcaster.on('frame', sent.add)
    const source = new SyntheticSource(frame => broadcaster.push(withTimeCode(frame)))
    this.#disposer.defer(() => source.stop())
    source.start()
    return { broadcaster, streamId, sent, heard, rows: () => giver?.rows() ?? [] }
  }

  /** Resolves when it sees the picture. */
  async startPayer(streamId: StreamId, slots: number): Promise<Payer> {
    const rider = await this.startRider(streamId, slots)
    const account = testAccount()
    await this.chain.fund(account.account, 4n * BUDGET_SECONDS * this.terms.price)
    const payer = await this.pay(streamId, rider, account)
    await until('the payer sees the picture', () => rider.codes.seconds > 0.5)
    return payer
  }

  /** From now on it pays as the product does. Resolves when the budget is in a block. */
  async pay(streamId: StreamId, rider: Rider, { account, key }: TestAccount): Promise<Payer> {
    const { viewer } = rider
    const chain = this.chain.connect()
    this.#disposer.defer(() => chain.close())
    const sessions = createPaySessions({
      ...REAL_TIME,
      chain,
      ledger: new LinesLedger(testDisk()),
      locks: new MemorySessionLocks(),
      makeCore: createPayerCore,
    })
    this.#disposer.defer(() => sessions.close())
    const payment = new ViewerPayment({ viewer, streamId, sessions: () => Promise.resolve(sessions) })
    this.#disposer.defer(() => payment.close())
    const meter = new Meter({ priceOf: payment.priceOf })
    viewer.on('frame', ({ timestampUs }) => {
      for (const { epoch, price } of meter.advance(timestampUs, performance.now(), true))
        payment.played(epoch, price)
    })
    const wallet = new TestWallet(account, payload => key.sign(payload))
    await payment.pay(wallet, BUDGET_SECONDS * this.terms.price)
    return { ...rider, wallet, payment }
  }

  /** Joined, fed and locked: it forwards what it cannot read. */
  async startRider(streamId: StreamId, slots: number, changes?: PeerChanges): Promise<Rider> {
    const deps = await this.mesh.deps(changes)
    const keys = new Map<number, Uint8Array>()
    const viewer = new Viewer(deps, {
      slots,
      access: id => {
        const taker = new AccessTakerShell(deps)
        taker.on('key', ({ epoch, key }) => keys.set(epoch, key))
        return { taker, opener: new WebContentOpener(id) }
      },
    })
    this.#disposer.defer(() => viewer.close())
    const rider: Rider = { viewer, codes: new TimeCodes(), states: [], keys }
    viewer.on('frame', rider.codes.add)
    viewer.on('access', state => rider.states.push(state))
    await viewer.joinStream(streamId)
    await until('it is fed', () => viewer.state.kind === 'live' && viewer.stats?.depth !== undefined)
    return rider
  }
}
