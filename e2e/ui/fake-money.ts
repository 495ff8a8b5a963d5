import type { ChainInfo } from '../../client/engine/chain/chain-port.ts'
import type { Earnings, EarningsSnapshot } from '../../client/engine/earn/earnings-contract.ts'
import type { PaidBroadcast } from '../../client/engine/paid/paid-broadcast-contract.ts'
import type {
  PaidOffer,
  PaidViewing,
  PaidViewingEvents,
  PaidViewingState,
} from '../../client/engine/paid/paid-viewing-contract.ts'
import type {
  FoundSession,
  FundPlan,
  PayFigures,
  PaySessions,
  SearchProgress,
  SearchResult,
  SessionSummary,
} from '../../client/engine/pay/pay-session-contract.ts'
import type { OpenWallet, WalletAccount, WalletDesk, WalletEntry } from '../../client/ui/pay/wallet-desk.ts'
import type { BlockRef } from '../../shared/pay/evidence.ts'

/** What pages about money are shown with, where no chain, wallet or stream runs. */
export const account = (digit: string): string => `0x${digit.repeat(64)}`
export const block = (number: number): BlockRef => ({ number, hash: account('b') })

export const chain: ChainInfo = {
  genesis: account('1'),
  identity: `${account('1')}/${account('2')}`,
  name: 'Rococo Asset Hub',
  symbol: 'ROC',
  decimals: 12,
  ss58Prefix: 42,
  existentialDeposit: 3_330_000n,
  blockMs: 2_000,
  hasMultisig: true,
  isLocal: true,
}

export const PRICE = 1_000_000_000n

export const offer: PaidOffer = {
  price: PRICE,
  nextPrice: undefined,
  previewSeconds: 8,
  creditSeconds: 12,
  payout: account('3'),
  genesis: chain.genesis,
  highestPrice: 2n * PRICE,
}

export const figures: PayFigures = {
  budget: 1_800_000_000_000n,
  ticks: 754,
  owed: 754_000_000_000n,
  paid: 752_000_000_000n,
  paidFinal: 744_000_000_000n,
  pending: 2_000_000_000n,
  credited: 752_000_000_000n,
  fees: 2_676_900_000n,
  left: 1_046_000_000_000n,
  secondsLeft: 1_046,
}

function planFor(budget: bigint): FundPlan {
  return {
    pricePerHour: PRICE * 3_600n,
    seconds: Number(budget / PRICE),
    budget,
    first: 0n,
    feeReserve: 12_500_000_000n,
    existentialDeposit: chain.existentialDeposit,
    promptFee: 11_200_000n,
    paymentFee: 7_100_000n,
    closingFee: 14_300_000n,
    intervalMs: 2_000,
    feeShare: 0.0036,
    total: budget + 12_511_200_000n,
    walletFree: 10_000_000_000_000_000n,
    worstCase: budget + 12_511_200_000n,
    safety: 'wallet-can-take-back',
    words: [
      'When you leave, or close the tab, the last seconds are paid and everything left goes back to your wallet, without another prompt.',
      'If this browser’s storage is lost in the middle, your wallet alone can take the budget back on the Wallet page, from any machine.',
      'The worst case: all of the budget is paid and all fees are spent.',
    ],
  }
}

export const SENTENCES: readonly PaidViewingState[] = [
  { kind: 'offer', offer },
  { kind: 'resuming', offer },
  {
    kind: 'funding',
    step: 'prompt',
    sentence: 'Look at your wallet’s window and sign there. Nothing has left your wallet yet.',
  },
  { kind: 'funding', step: 'sent', sentence: 'Your wallet has signed. It takes one or two blocks.' },
  { kind: 'funding', step: 'included', sentence: 'Your budget is in place.' },
  {
    kind: 'asking',
    sentence: 'Your budget is in place. The creator sends the first key within a few seconds.',
  },
  { kind: 'preview', sentence: 'These seconds cost nothing. Paying begins by itself.' },
  { kind: 'paying', sentence: 'Each second you are shown is paid to the creator; one payment a block.' },
  {
    kind: 'held',
    sentence: 'The creator has not seen your last payment in a block yet. The picture comes back by itself.',
  },
  {
    kind: 'price-raised',
    price: 2n * PRICE,
    sentence:
      'The creator asks 7.2 ROC an hour from now on, more than you accepted. Accept it, or take the rest back.',
  },
  {
    kind: 'out-of-budget',
    sentence: 'All of your budget is paid. Raise it to go on watching, or stop here.',
  },
  {
    kind: 'stopped',
    code: 'payment-failed',
    sentence: 'A payment was refused by the chain. Nothing more is paid. Take the rest back.',
  },
  {
    kind: 'chain-down',
    sentence:
      'No node answers. The picture goes on within the creator’s credit, and what you watch is paid as soon as one does.',
  },
  {
    kind: 'in-another-tab',
    sentence: 'Another tab of this browser pays for this stream. Watch there, or move it here.',
  },
  {
    kind: 'closing',
    sentence: 'The last seconds are paid and the rest goes back to your wallet. You may close this tab.',
  },
  { kind: 'closed', sentence: 'You paid 0.754 ROC for 754 seconds. 1.046 ROC went back to your wallet.' },
  {
    kind: 'failed',
    sentence:
      'Your wallet holds 0.1 ROC; this needs 1.8125 ROC. Choose a smaller budget, or another account.',
  },
]

/** Says what it was asked to do; changes its state only when told to. */
export class FakeViewing implements PaidViewing {
  readonly calls: string[] = []
  state: PaidViewingState
  figures: PayFigures | undefined
  /** What the next plan is refused with. */
  refusal: Error | undefined
  readonly #listeners = new Map<string, Set<(payload: never) => void>>()

  constructor(state: PaidViewingState, shown: PayFigures | undefined = figures) {
    this.state = state
    this.figures = shown
  }
  on<Name extends keyof PaidViewingEvents>(name: Name, listener: (payload: PaidViewingEvents[Name]) => void) {
    const set = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, set)
    set.add(listener as (payload: never) => void)
    return () => set.delete(listener as (payload: never) => void)
  }
  become(state: PaidViewingState): void {
    this.state = state
    for (const listener of this.#listeners.get('state') ?? []) listener(state as never)
  }
  async plan(_wallet: unknown, budget: bigint): Promise<FundPlan> {
    if (this.refusal !== undefined) throw this.refusal
    return planFor(budget)
  }
  async pay(wallet: { account: string }, budget: bigint): Promise<void> {
    this.calls.push(`pay ${budget} from ${wallet.account.slice(2, 4)}`)
    if (this.refusal !== undefined) throw this.refusal
  }
  async raiseBudget(more: bigint): Promise<void> {
    this.calls.push(`raise ${more}`)
  }
  async acceptPrice(price: bigint): Promise<void> {
    this.calls.push(`accept ${price}`)
  }
  goOn(): void {
    this.calls.push('go on')
  }
  async takeOver(): Promise<void> {
    this.calls.push('take over')
  }
  readonly priceOf = () => ({ epoch: 0, price: PRICE })
  played(epoch: number, price: bigint): void {
    this.calls.push(`played a second of ${epoch} at ${price}`)
  }
  setWatching(isWatching: boolean): void {
    this.calls.push(isWatching ? 'watching' : 'not watching')
  }
  async resume(): Promise<boolean> {
    this.calls.push('resume')
    return false
  }
  close(): void {
    this.calls.push('close')
  }
  async leave(): Promise<void> {
    this.calls.push('leave')
  }
  closeNow(): void {
    this.calls.push('close now')
  }
}

export function walletAccount(digit: string, name: string, isDemo: boolean): WalletAccount {
  return {
    account: account(digit),
    address: `5${digit.repeat(46)}z`,
    name,
    scheme: 'sr25519',
    isDemo,
    signer: { account: account(digit), scheme: 'sr25519', sign: () => new Uint8Array(64) },
    signText: async () => new Uint8Array(64),
  }
}

export const DEMO: WalletEntry = { id: 'demo', name: 'Demo wallet', isDemo: true }
export const EXTENSION: WalletEntry = { id: 'polkadot-js', name: 'Polkadot.js', isDemo: false }

/** `failure`: what opening any wallet throws. */
export function fakeDesk(
  entries: readonly WalletEntry[],
  accounts: readonly WalletAccount[] = [walletAccount('4', 'Alice', true), walletAccount('5', 'Bob', true)],
  failure?: Error,
): WalletDesk {
  const wallet: OpenWallet = { accounts, onAccounts: () => () => undefined }
  return {
    list: async () => entries,
    open: async () => {
      if (failure !== undefined) throw failure
      return wallet
    },
  }
}

export const sessions: readonly SessionSummary[] = [
  {
    id: account('6'),
    streamId: '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi',
    title: 'Evening raga, live from the roof',
    wallet: account('4'),
    payout: account('3'),
    budgetAccount: account('7'),
    createdAt: 1_790_000_000_000,
    phase: 'open',
    sentence: 'Open: 1.046 ROC of the budget is left on its own account, and yours.',
    ticks: 754,
    owed: 754_000_000_000n,
    money: {
      putIn: 1_812_500_000_000n,
      paid: 754_000_000_000n,
      onBudgetAccount: 1_046_000_000_000n,
      onSessionAccount: 9_823_100_000n,
      returned: 0n,
      sessionFees: 2_676_900_000n,
      walletFees: 11_200_000n,
    },
    payments: [
      { nonce: 1, ticks: 754, amount: 2_000_000_000n, outcome: { kind: 'pending' } },
      {
        nonce: 0,
        ticks: 752,
        amount: 752_000_000_000n,
        outcome: { kind: 'paid', block: block(412), fee: 7_100_000n, isFinal: false },
      },
    ],
  },
  {
    id: account('8'),
    streamId: '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi',
    title: '',
    wallet: account('5'),
    payout: account('3'),
    budgetAccount: account('9'),
    createdAt: 1_789_000_000_000,
    phase: 'closed',
    sentence: 'Closed: what was left went back to your wallet.',
    ticks: 40,
    owed: 40_000_000_000n,
    money: {
      putIn: 612_500_000_000n,
      paid: 40_000_000_000n,
      onBudgetAccount: 0n,
      onSessionAccount: 0n,
      returned: 572_349_500_000n,
      sessionFees: 150_500_000n,
      walletFees: 11_200_000n,
    },
    payments: [
      {
        nonce: 1,
        ticks: 40,
        amount: 20_000_000_000n,
        outcome: { kind: 'failed', block: block(96), fee: 7_100_000n },
      },
      {
        nonce: 0,
        ticks: 20,
        amount: 20_000_000_000n,
        outcome: { kind: 'paid', block: block(95), fee: 7_100_000n, isFinal: true },
      },
    ],
  },
]

export const found: FoundSession = {
  session: account('c'),
  streamId: '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi',
  wallet: account('4'),
  budgetAccount: account('d'),
  openedAt: block(388),
  onBudgetAccount: 500_000_000_000n,
  onSessionAccount: 12_000_000_000n,
  isKnownHere: false,
  sentence:
    '0.5 ROC of this session’s budget can be taken back by your wallet. 0.012 ROC for fees stays with the browser that opened it.',
}

/** `search`: what a search ends with; undefined: it goes on for ever. */
export function fakeSessions(search: SearchResult | undefined, progress?: SearchProgress): PaySessions {
  return {
    findByWallet: async (_wallet: string, options: { onProgress?: (now: SearchProgress) => void }) => {
      if (progress !== undefined) options.onProgress?.(progress)
      return search ?? new Promise<never>(() => undefined)
    },
    takeBack: async (session: FoundSession) => session.onBudgetAccount,
  } as unknown as PaySessions
}

const income = (total: bigint, final: bigint) => ({ total, final, notYetFinal: total - final })
const session = (digit: string, total: bigint, payments: number) => ({
  ...income(total, total),
  session: account(digit),
  from: account('e'),
  ticks: total / PRICE,
  payments,
  firstAtMs: 0,
  lastAtMs: 0,
})

const earned: EarningsSnapshot = {
  income: income(3_254_000_000_000n, 3_100_000_000_000n),
  lastMinute: 180_000_000_000n,
  perSecond: 3_000_000_000n,
  perHour: 10_800_000_000_000n,
  viewers: [
    {
      ...income(2_254_000_000_000n, 2_100_000_000_000n),
      viewer: account('4'),
      isKnown: true,
      ticks: 2_254n,
      lastAtMs: 0,
      sessions: [session('6', 2_000_000_000_000n, 812), session('7', 254_000_000_000n, 120)],
    },
    {
      ...income(1_000_000_000_000n, 1_000_000_000_000n),
      viewer: account('f'),
      isKnown: false,
      ticks: 1_000n,
      lastAtMs: 0,
      sessions: [session('f', 1_000_000_000_000n, 1)],
    },
  ],
  payments: [],
  gaps: [
    'Blocks 120 to 131 could not be read: the node no longer has their state. What they paid is not in these figures.',
  ],
  check: {
    kind: 'differs',
    at: block(412),
    balance: 3_300_000_000_000n,
    extra: 46_000_000_000n,
    sentence:
      'The payout account holds 0.046 ROC more than the blocks explain: somebody may have sent it in the unread blocks.',
  },
  watcher: { kind: 'following', best: block(412) },
  archived: [],
}

/** `calls` and `csv` are for tests to read. */
export function fakeBroadcast(
  pause?: string,
  watcher = earned.watcher,
): PaidBroadcast & { readonly calls: string[] } {
  const calls: string[] = []
  const earnings = {
    snapshot: { ...earned, watcher },
    on: () => () => undefined,
    series: ({ widthMs, points }: { widthMs: number; points: number }) =>
      Array.from({ length: points }, (_, index) => ({
        atMs: 1_790_000_000_000 + index * widthMs,
        planck: BigInt(Math.round(20 + 10 * Math.sin(index / 5))) * PRICE,
      })),
    exportCsv: () => 'block,amount\r\n412,0.002\r\n',
  } as unknown as Earnings
  const viewer = {
    grantedSeconds: 754,
    owed: 754_000_000_000n,
    paid: 752_000_000_000n,
    credit: 12_000_000_000n,
    isWatching: true,
  }
  return {
    calls,
    earnings,
    view: {
      chain,
      price: PRICE,
      pause,
      viewers: [
        { ...viewer, wallet: account('4'), session: account('6'), sentence: 'watching, within credit' },
        {
          ...viewer,
          wallet: account('5'),
          session: account('8'),
          isWatching: false,
          sentence: 'waits: 4 s are not paid yet, and this wallet left owing before',
        },
      ],
    },
    on: () => () => undefined,
    changePrice: async price => {
      calls.push(`price ${price}`)
      return 42
    },
    close: async () => undefined,
  }
}
