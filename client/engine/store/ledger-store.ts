import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'
import type { LedgerRows, SessionRow, SlotRow, TickRow } from '../../../shared/pay/payer-contract.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'

/** One extrinsic that the wallet signed for a session: kept before it is sent, so that it can be looked for after a crash. */
export type WalletRow = {
  readonly session: AccountHex
  /** blake2-256 of `bytes`, hex. */
  readonly hash: string
  readonly use: 'fund' | 'raise' | 'take-back'
  readonly bytes: Uint8Array
  readonly nonce: number
  readonly birth: BlockRef
  /** The last block that can include it. */
  readonly lastBlock: number
  /** planck it moves to the budget account. */
  readonly budget: bigint
  /** planck it moves to the session account. */
  readonly feeReserve: bigint
  readonly outcome?: {
    readonly block: BlockRef
    readonly isOk: boolean
    /** planck, paid by the wallet. */
    readonly fee: bigint
    /** planck that came back to the wallet. */
    readonly returned: bigint
  }
}

export type LedgerCommit = {
  readonly session?: SessionRow
  readonly slots?: readonly SlotRow[]
  readonly ticks?: readonly TickRow[]
  readonly wallet?: readonly WalletRow[]
}

/** `conflict`: another writer already used that nonce for another call, or that tick for another second. */
export type LedgerErrorCode = 'conflict' | 'unwritable' | 'unreadable'

export class LedgerError extends Error {
  readonly code: LedgerErrorCode

  constructor(code: LedgerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'LedgerError'
    this.code = code
  }
}

/**
 * What a device keeps of the sessions it paid for. A promise of `commit`, `makeKey` or `dropKey` resolves only when the
 * rows would survive a loss of power. Everything throws LedgerError.
 */
export interface LedgerStore {
  /** A new session key, kept before it is handed out. */
  makeKey(): Promise<Signer>
  /** Undefined when it was dropped, or never was here. */
  key(session: AccountHex): Promise<Signer | undefined>
  dropKey(session: AccountHex): Promise<void>
  /**
   * All rows or none. Rows replace those of the same key, but a slot never changes its call and a tick never changes at
   * all: 'conflict'.
   */
  commit(rows: LedgerCommit): Promise<void>
  read(session: AccountHex): Promise<LedgerRows | undefined>
  walletRows(session: AccountHex): Promise<readonly WalletRow[]>
  sessions(): Promise<readonly SessionRow[]>
  /** Synchronous, for a page that closes: the closing batch was sent. */
  noteFarewell(session: AccountHex): void
  hasFarewell(session: AccountHex): boolean
  close(): Promise<void>
}

/** Throws LedgerError('conflict') when `next` may not take the place of `kept`. */
export function checkSlot(kept: SlotRow | undefined, next: SlotRow): void {
  if (kept === undefined) return
  const isSame =
    kept.call.length === next.call.length && kept.call.every((byte, index) => byte === next.call[index])
  // Once landed, the ledger says what the chain did: a farewell may have taken the nonce with another amount.
  if (!isSame || (kept.amount !== next.amount && next.state.kind === 'pending'))
    throw new LedgerError('conflict', `Nonce ${next.nonce} of this session already has another payment.`)
}

/** Throws LedgerError('conflict') when `next` may not take the place of `kept`. */
export function checkTick(kept: TickRow | undefined, next: TickRow): void {
  if (kept === undefined) return
  // Less only where an emptied account could not pay it any more (waived by the core).
  if (kept.epoch !== next.epoch || next.price > kept.price)
    throw new LedgerError('conflict', `Second ${next.index} of this session was already counted elsewhere.`)
}
