import { blake2b } from '@noble/hashes/blake2.js'
import { assertNever } from '../../../../shared/protocol/assert-never.ts'
import { hexText } from '../../../../shared/protocol/hex.ts'
import type { AccountHex, BlockExtrinsic } from '../chain-port.ts'
import { multisigAccount } from '../multisig-account.ts'
import { callCount, type MemoryCall } from './memory-calls.ts'

type MemoryAccount = { readonly free: bigint; readonly nonce: number }
type Outcome = Pick<BlockExtrinsic, 'isOk' | 'error' | 'fee' | 'transfers' | 'remarks'>

export type LedgerRules = {
  /** planck */
  readonly existentialDeposit: bigint
  /** planck of the smallest call, and as much again for each ten calls in it. */
  readonly baseFee: bigint
}

/** The name of a failed dispatch, as a block shows it. */
class DispatchError extends Error {}

/** The accounts of one block, and the runtime's rules for moving money between them. */
export class MemoryLedger {
  readonly #accounts: Map<AccountHex, MemoryAccount>
  readonly #rules: LedgerRules
  /** Fees and dust so far, planck: what was credited is what accounts hold and this. */
  burned: bigint

  constructor(rules: LedgerRules, from?: MemoryLedger) {
    this.#rules = rules
    this.#accounts = new Map(from === undefined ? [] : from.#accounts)
    this.burned = from?.burned ?? 0n
  }

  clone(): MemoryLedger {
    return new MemoryLedger(this.#rules, this)
  }

  account(account: AccountHex): MemoryAccount {
    return this.#accounts.get(account) ?? { free: 0n, nonce: 0 }
  }

  credit(account: AccountHex, planck: bigint): void {
    const { free, nonce } = this.account(account)
    this.#accounts.set(account, { free: free + planck, nonce })
  }

  feeOf(call: MemoryCall, factor: bigint): bigint {
    return (this.#rules.baseFee * factor * BigInt(9 + callCount(call))) / 10n
  }

  /** As the runtime: the fee may not take an account below the existential deposit. */
  canPay(account: AccountHex, fee: bigint): boolean {
    return this.account(account).free - fee >= this.#rules.existentialDeposit
  }

  /** Fee and nonce are spent whether the call works or not; a call that fails leaves no other trace. */
  apply(call: MemoryCall, signer: AccountHex, fee: bigint, nextIndex: () => number): Outcome {
    const { free, nonce } = this.account(signer)
    this.#accounts.set(signer, { free: free - fee, nonce: nonce + 1 })
    this.burned += fee
    const before = { accounts: new Map(this.#accounts), burned: this.burned }
    const transfers: BlockExtrinsic['transfers'][number][] = []
    const remarks: BlockExtrinsic['remarks'][number][] = []
    try {
      this.#dispatch(call, signer, {
        transfer: (from, to, planck) => transfers.push({ index: nextIndex(), from, to, planck }),
        remark: (sender, hash) => remarks.push({ index: nextIndex(), sender, hash }),
      })
      return { isOk: true, fee, transfers, remarks }
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error
      this.#accounts.clear()
      for (const [account, state] of before.accounts) this.#accounts.set(account, state)
      this.burned = before.burned
      return { isOk: false, error: error.message, fee, transfers: [], remarks: [] }
    }
  }

  #dispatch(call: MemoryCall, origin: AccountHex, tell: Teller): void {
    switch (call.kind) {
      case 'transfer':
        return this.#transfer(origin, call.to, call.planck, call.keepsAlive, tell)
      case 'transfer-all':
        return this.#transfer(origin, call.to, this.account(origin).free, false, tell)
      case 'batch':
        for (const inner of call.calls) this.#dispatch(inner, origin, tell)
        return
      case 'multisig':
        return this.#dispatch(call.call, multisigAccount(origin, call.other), tell)
      case 'remark':
        tell.remark(origin, hexText(blake2b(call.remark, { dkLen: 32 })))
        return
      default:
        return assertNever(call)
    }
  }

  #transfer(from: AccountHex, to: AccountHex, planck: bigint, keepsAlive: boolean, tell: Teller): void {
    const { existentialDeposit } = this.#rules
    const sender = this.account(from)
    const rest = sender.free - planck
    if (rest < 0n) throw new DispatchError('balances.InsufficientBalance')
    if (from === to) return
    const receiver = this.account(to)
    if (receiver.free + planck < existentialDeposit) throw new DispatchError('balances.ExistentialDeposit')
    if (rest < existentialDeposit && keepsAlive) throw new DispatchError('balances.KeepAlive')
    if (rest < existentialDeposit) {
      // A dead account forgets its nonce: what it once signed would be taken again if somebody funded it.
      this.#accounts.delete(from)
      this.burned += rest
    } else {
      this.#accounts.set(from, { free: rest, nonce: sender.nonce })
    }
    this.#accounts.set(to, { free: receiver.free + planck, nonce: receiver.nonce })
    tell.transfer(from, to, planck)
  }
}

type Teller = {
  readonly transfer: (from: AccountHex, to: AccountHex, planck: bigint) => void
  readonly remark: (sender: AccountHex, hash: string) => void
}
