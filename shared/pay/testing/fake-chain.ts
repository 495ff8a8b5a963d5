import type { BlockRef } from '../evidence.ts'
import type { Inclusion } from '../payer-contract.ts'

type Account = { readonly free: bigint; readonly nonce: number }
export type FakeCall =
  | { readonly kind: 'fund'; readonly budget: bigint; readonly feeReserve: bigint; readonly first: bigint }
  | { readonly kind: 'payment'; readonly amount: bigint }
  | { readonly kind: 'closing'; readonly amount: bigint }
  | { readonly kind: 'sweep' }
  /** Of the wallet alone: the whole budget account. */
  | { readonly kind: 'take-back' }
export type FakeExtrinsic = {
  readonly signer: 'wallet' | 'session'
  readonly nonce: number
  readonly call: FakeCall
  readonly birth: BlockRef
  readonly period: number
  readonly hash: string
}

/** SCALE's place is taken by JSON: the core never looks inside. */
export function fakeBytes(value: FakeCall | FakeExtrinsic): Uint8Array {
  const text = JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each))
  return Uint8Array.from(text, letter => letter.charCodeAt(0))
}

export function fakeCall(bytes: Uint8Array): FakeCall {
  return parsed(bytes) as FakeCall
}

export function fakeExtrinsic(bytes: Uint8Array): FakeExtrinsic {
  return parsed(bytes) as FakeExtrinsic
}

function parsed(bytes: Uint8Array): unknown {
  const text = String.fromCharCode(...bytes)
  return JSON.parse(text, (_key, each: unknown) =>
    typeof each === 'string' && /^\d+n$/.test(each) ? BigInt(each.slice(0, -1)) : each,
  )
}

/** Last height at which it can be included. */
export function lastBlockOf({ birth, period }: Pick<FakeExtrinsic, 'birth' | 'period'>): number {
  return birth.number + period - 1
}

type Included = {
  readonly extrinsic: FakeExtrinsic
  readonly isOk: boolean
  readonly fee: bigint
  readonly paid: bigint
  readonly returned: bigint
  readonly dust: bigint
}
type FakeBlock = BlockRef & {
  readonly parent: string
  readonly accounts: ReadonlyMap<string, Account>
  readonly included: readonly Included[]
}

export type FakeChainOptions = {
  readonly existentialDeposit: bigint
  readonly fee: bigint
  readonly finalityLag: number
  readonly wallet: bigint
  /** Budget and session are two accounts. */
  readonly hasMultisig: boolean
  readonly random: () => number
}

/** planck, of the finalised chain. */
export type ChainTotals = {
  readonly putIn: bigint
  readonly paid: bigint
  /** Of the session account. */
  readonly fees: bigint
  readonly walletFees: bigint
  readonly returned: bigint
  readonly dust: bigint
}

export type PoolAnswer = 'accepted' | 'known' | 'stale' | 'payment'

const SEEN_MAX = 200

/** Nonces, a pool, forks, finality and mortal eras of one session's four accounts: rules of Substrate, no more. */
export class FakeChain {
  readonly #options: FakeChainOptions
  readonly #blocks = new Map<string, FakeBlock>()
  readonly #pool = new Map<string, FakeExtrinsic>()
  /** Dispatch of these fails wherever they are included. */
  readonly #doomed = new Set<string>()
  /** Everything that was ever accepted, for a stranger to send again. */
  readonly seen: FakeExtrinsic[] = []
  #head: FakeBlock
  #final: FakeBlock
  #salt = 0
  readonly #gifts: (readonly [string, bigint])[] = []
  feeFactor = 1n
  /** Sessions' extrinsics whose dispatch is still to fail. */
  doomed = 0

  constructor(options: FakeChainOptions) {
    this.#options = options
    const accounts = new Map<string, Account>([
      ['wallet', { free: options.wallet, nonce: 7 }],
      ['payout', { free: options.existentialDeposit, nonce: 0 }],
    ])
    const genesis: FakeBlock = { number: 100, hash: '0x100', parent: '', accounts, included: [] }
    this.#blocks.set(genesis.hash, genesis)
    this.#head = genesis
    this.#final = genesis
  }

  get best(): BlockRef {
    return refOf(this.#head)
  }
  get finalised(): BlockRef {
    return refOf(this.#final)
  }
  get fee(): bigint {
    return this.#options.fee * this.feeFactor
  }

  /** Undefined: no such block. */
  account(name: string, at: BlockRef): Account | undefined {
    const block = this.#blocks.get(at.hash)
    return block && (block.accounts.get(name) ?? { free: 0n, nonce: 0 })
  }

  get pool(): readonly FakeExtrinsic[] {
    return [...this.#pool.values()]
  }

  submit(extrinsic: FakeExtrinsic): PoolAnswer {
    if (this.#pool.has(extrinsic.hash)) return 'known'
    const account = this.#head.accounts.get(extrinsic.signer) ?? { free: 0n, nonce: 0 }
    if (extrinsic.nonce < account.nonce || !this.#isAlive(extrinsic, this.#head)) return 'stale'
    if (account.free < this.fee + this.#options.existentialDeposit) return 'payment'
    // A pool keeps the first of two extrinsics of one nonce: the same priority does not replace.
    for (const other of this.#pool.values())
      if (other.signer === extrinsic.signer && other.nonce === extrinsic.nonce) return 'known'
    this.#pool.set(extrinsic.hash, extrinsic)
    if (this.seen.length < SEEN_MAX) this.seen.push(extrinsic)
    return 'accepted'
  }

  drop(hash: string): void {
    this.#pool.delete(hash)
  }

  /** From a stranger; in the next block's state, and in all after it. */
  give(name: string, amount: bigint): void {
    this.#gifts.push([name, amount])
  }

  /** One more block on the head; the finalised one follows. */
  build(isEmpty = false): void {
    this.#head = this.#on(this.#head, isEmpty)
    this.#advanceFinality()
  }

  /** Leaves `depth` blocks for `depth + 1` others. Returns those that were left, newest first. */
  reorganise(depth: number, loss: number): BlockRef[] {
    const retracted: BlockRef[] = []
    const dropped: FakeExtrinsic[] = []
    let fork = this.#head
    while (retracted.length < depth && fork.number > this.#final.number) {
      retracted.push(refOf(fork))
      dropped.push(...fork.included.map(({ extrinsic }) => extrinsic))
      const parent = this.#blocks.get(fork.parent)
      if (parent === undefined) break
      fork = parent
    }
    if (retracted.length === 0) return []
    for (const extrinsic of dropped.reverse())
      if (this.#options.random() >= loss) this.#pool.set(extrinsic.hash, extrinsic)
    let head = this.#on(fork, true)
    for (let built = 0; built < retracted.length; built++) head = this.#on(head, this.#options.random() < 0.5)
    this.#head = head
    this.#advanceFinality()
    return retracted
  }

  find(nonce: number, at: BlockRef, downTo: number): Inclusion | undefined {
    let block = this.#blocks.get(at.hash)
    while (block !== undefined && block.number >= downTo) {
      for (const { extrinsic, isOk, fee, paid, returned } of block.included) {
        if (extrinsic.signer !== 'session' || extrinsic.nonce !== nonce) continue
        return {
          nonce,
          block: refOf(block),
          isOk,
          fee,
          paid,
          returned,
          ...(!isOk && { error: 'test.Doomed' }),
        }
      }
      block = this.#blocks.get(block.parent)
    }
    return undefined
  }

  /** All that the finalised chain says was paid and given back, planck. */
  totals(): ChainTotals {
    let paid = 0n
    let fees = 0n
    let returned = 0n
    let walletFees = 0n
    let putIn = 0n
    let dust = 0n
    let block: FakeBlock | undefined = this.#final
    while (block !== undefined) {
      for (const each of block.included) {
        paid += each.paid
        returned += each.returned
        dust += each.dust
        if (each.extrinsic.signer === 'session') fees += each.fee
        else walletFees += each.fee
        const { call } = each.extrinsic
        if (call.kind === 'fund' && each.isOk) putIn += call.budget + call.feeReserve + call.first
      }
      block = this.#blocks.get(block.parent)
    }
    return { putIn, paid, fees, walletFees, returned, dust }
  }

  #advanceFinality(): void {
    let block: FakeBlock | undefined = this.#head
    for (let back = 0; back < this.#options.finalityLag; back++)
      block = block && this.#blocks.get(block.parent)
    if (block !== undefined && block.number > this.#final.number) this.#final = block
  }

  #isAlive(extrinsic: FakeExtrinsic, on: FakeBlock): boolean {
    const { birth } = extrinsic
    return on.number >= birth.number && on.number < lastBlockOf(extrinsic)
  }

  #on(parent: FakeBlock, isEmpty: boolean): FakeBlock {
    const accounts = new Map(parent.accounts)
    for (const [name, amount] of this.#gifts.splice(0)) {
      const account = accounts.get(name) ?? { free: 0n, nonce: 0 }
      accounts.set(name, { ...account, free: account.free + amount })
    }
    const included: Included[] = []
    const pool = [...this.#pool.values()].sort((one, other) => one.nonce - other.nonce)
    for (const extrinsic of isEmpty ? [] : pool) {
      const signer = accounts.get(extrinsic.signer) ?? { free: 0n, nonce: 0 }
      const isStale = extrinsic.nonce < signer.nonce || !this.#isAlive(extrinsic, parent)
      if (isStale) this.#pool.delete(extrinsic.hash)
      if (isStale || extrinsic.nonce !== signer.nonce) continue
      if (signer.free < this.fee + this.#options.existentialDeposit) continue
      this.#pool.delete(extrinsic.hash)
      included.push(this.#apply(extrinsic, accounts))
    }
    const number = parent.number + 1
    const block: FakeBlock = {
      number,
      hash: `0x${number}.${++this.#salt}`,
      parent: parent.hash,
      accounts,
      included,
    }
    this.#blocks.set(block.hash, block)
    return block
  }

  #apply(extrinsic: FakeExtrinsic, accounts: Map<string, Account>): Included {
    const { fee } = this
    const signer = accounts.get(extrinsic.signer) ?? { free: 0n, nonce: 0 }
    accounts.set(extrinsic.signer, { free: signer.free - fee, nonce: signer.nonce + 1 })
    const before = new Map(accounts)
    if (this.doomed > 0 && extrinsic.signer === 'session' && !this.#doomed.has(extrinsic.hash)) {
      this.doomed--
      this.#doomed.add(extrinsic.hash)
    }
    const outcome = this.#doomed.has(extrinsic.hash) ? undefined : this.#dispatch(extrinsic.call, accounts)
    if (outcome === undefined) {
      accounts.clear()
      for (const [name, account] of before) accounts.set(name, account)
      return { extrinsic, isOk: false, fee, paid: 0n, returned: 0n, dust: 0n }
    }
    return { extrinsic, isOk: true, fee, ...outcome }
  }

  /** Undefined: an error, all of it is undone. */
  #dispatch(
    call: FakeCall,
    accounts: Map<string, Account>,
  ): Omit<Included, 'extrinsic' | 'isOk' | 'fee'> | undefined {
    let dust = 0n
    const budget = this.#options.hasMultisig ? 'budget' : 'session'
    const move = (from: string, to: string, amount: bigint): boolean => {
      const source = accounts.get(from)
      if (source === undefined || source.free < amount) return false
      const left = source.free - amount
      if (left < this.#options.existentialDeposit) {
        dust += left
        accounts.delete(from)
      } else accounts.set(from, { ...source, free: left })
      const target = accounts.get(to) ?? { free: 0n, nonce: 0 }
      if (target.free + amount < this.#options.existentialDeposit) return false
      accounts.set(to, { ...target, free: target.free + amount })
      return true
    }
    const moveAll = (from: string): bigint | undefined => {
      const all = accounts.get(from)?.free
      return all !== undefined && move(from, 'wallet', all) ? all : undefined
    }
    switch (call.kind) {
      case 'fund': {
        const isMoved =
          move('wallet', budget, call.budget) &&
          move('wallet', 'session', call.feeReserve) &&
          (call.first === 0n || move('wallet', 'payout', call.first))
        return isMoved ? { paid: call.first, returned: 0n, dust } : undefined
      }
      case 'payment':
        return move(budget, 'payout', call.amount) ? { paid: call.amount, returned: 0n, dust } : undefined
      case 'closing': {
        if (call.amount > 0n && !move(budget, 'payout', call.amount)) return undefined
        const rest = this.#options.hasMultisig ? moveAll(budget) : 0n
        const fees = moveAll('session')
        return rest === undefined || fees === undefined
          ? undefined
          : { paid: call.amount, returned: rest + fees, dust }
      }
      case 'take-back': {
        const rest = moveAll(budget)
        return rest === undefined ? undefined : { paid: 0n, returned: rest, dust }
      }
      case 'sweep': {
        const fees = moveAll('session')
        return fees === undefined ? undefined : { paid: 0n, returned: fees, dust }
      }
    }
  }
}

function refOf({ number, hash }: BlockRef): BlockRef {
  return { number, hash }
}
