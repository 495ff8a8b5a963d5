import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'
import type { AccountScheme } from '../../../shared/protocol/certificate.ts'
import type { MaybePromise } from '../../../shared/protocol/crypto-port.ts'

export type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'

/** What is read from the chain itself, once connected. */
export type ChainInfo = {
  /** 32 bytes, hex with `0x`. */
  readonly genesis: string
  /**
   * Keys ledgers, cursors and sessions. The genesis hash; on the local chain, whose genesis is the same in every run,
   * `genesis/hash of block 1`.
   */
  readonly identity: string
  readonly name: string
  readonly symbol: string
  readonly decimals: number
  readonly ss58Prefix: number
  /** planck */
  readonly existentialDeposit: bigint
  /** Expected time between blocks, ms: measured where the chain's own word is wrong. */
  readonly blockMs: number
  /** Has pallets `multisig` and `utility`: else a session is a plain account and the page says what that risks. */
  readonly hasMultisig: boolean
  /** A chain of `vilokanam devchain`: play money, the demo wallet may be offered. */
  readonly isLocal: boolean
}

export type ChainState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly endpoint: string }
  | { readonly kind: 'ready'; readonly endpoint: string; readonly info: ChainInfo }
  /** No endpoint answers; tried again by itself until closed. */
  | { readonly kind: 'down'; readonly reason: string; readonly sinceMs: number }
  /** Every endpoint that answers serves another chain: nothing is read or signed. */
  | { readonly kind: 'wrong-chain'; readonly expected: string; readonly found: string }

export type ChainEvents = {
  state: ChainState
  /** The best block moved; `retracted` are the blocks that are no longer under it, newest first. */
  best: { readonly block: BlockRef; readonly retracted: readonly BlockRef[] }
  finalised: BlockRef
}

/** SCALE bytes of a call (pallet, method, arguments): what ledgers keep, whatever signs it. */
export type Call = Uint8Array

/** planck, exact. */
export type Balance = { readonly free: bigint; readonly reserved: bigint; readonly nonce: number }

/** Mortal for `period` blocks (a power of two, 4 to 65536) from `birth`, which is final. Immortal ones are forbidden. */
export type Era = { readonly birth: BlockRef; readonly period: number }

/** Whoever can sign an extrinsic: a session key, a key file, or a wallet (then by its prompt). */
export interface ExtrinsicSigner {
  readonly account: AccountHex
  readonly scheme: AccountScheme
  /** Of the payload's bytes, already hashed where longer than 256; a raw signature without a scheme's prefix byte. */
  sign(payload: Uint8Array): MaybePromise<Uint8Array>
  /** Asked instead of `sign` where it is there: a wallet wants to read what it signs. Hex, with the scheme's prefix byte. */
  signPayload?(payload: SignerPayload): Promise<string>
}

type HexText = `0x${string}`

/** polkadot-js' SignerPayloadJSON: what an extension's `signPayload` takes. Numbers are hex. */
export type SignerPayload = {
  address: string
  blockHash: HexText
  blockNumber: HexText
  era: HexText
  genesisHash: HexText
  method: HexText
  mode: number
  nonce: HexText
  signedExtensions: string[]
  specVersion: HexText
  tip: HexText
  transactionVersion: HexText
  version: number
}

export type Extrinsic = {
  readonly bytes: Uint8Array
  /** blake2-256 of `bytes`, hex. */
  readonly hash: string
  /** The last block that can include it. */
  readonly lastBlock: number
}

export type SubmitResult =
  | { readonly kind: 'accepted' }
  /** Already known, banned for a while, stale: it may or may not be in a block. Look at the chain. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /**
   * Not taken now: this submission changed nothing. Bytes that were submitted before may be in a block all the same (an
   * account that its own extrinsic emptied "cannot pay"), so look at the chain unless this was the first time.
   */
  | { readonly kind: 'refused'; readonly code: 'payment' | 'invalid' | 'rate'; readonly reason: string }

export type TransferEvent = {
  readonly index: number
  readonly from: AccountHex
  readonly to: AccountHex
  readonly planck: bigint
}

export type BlockExtrinsic = {
  readonly index: number
  readonly hash: string
  /** Undefined for inherents. */
  readonly signer: AccountHex | undefined
  readonly nonce: number | undefined
  readonly isOk: boolean
  /** `module.error`, of a failed dispatch. */
  readonly error?: string
  /** Fee paid by the signer, as the chain's own event says; 0n without one. */
  readonly fee: bigint
  readonly transfers: readonly TransferEvent[]
  /** `system.remarkWithEvent`s of this extrinsic. */
  readonly remarks: readonly { readonly index: number; readonly sender: AccountHex; readonly hash: string }[]
  readonly call: Call
}

export type Block = {
  readonly block: BlockRef
  readonly parent: string
  readonly extrinsics: readonly BlockExtrinsic[]
}

/**
 * A Substrate chain with balances, through whichever of its endpoints answers. Nothing is loaded or dialled before
 * `open()`. All methods take a signal and throw ChainError (`chain-down`, `wrong-chain`, `no-such-block`,
 * `state-pruned`), never anything else but the signal's reason.
 */
export interface ChainPort {
  readonly state: ChainState
  on<Name extends keyof ChainEvents>(name: Name, listener: (payload: ChainEvents[Name]) => void): () => void
  /** Connects if needed; resolves when the chain is known to be the right one. */
  open(options?: { readonly signal?: AbortSignal }): Promise<ChainInfo>
  best(): BlockRef | undefined
  finalised(): BlockRef | undefined
  /** At that block, or at the best one. */
  balance(account: AccountHex, options?: AtOptions): Promise<Balance>
  /** Events are read from state: a block whose state is gone throws `state-pruned`, it never looks empty. */
  block(hash: string, options?: { readonly signal?: AbortSignal }): Promise<Block>
  blockHash(number: number, options?: { readonly signal?: AbortSignal }): Promise<string>
  /** What including this call, signed by that account, would cost now, planck. */
  fee(call: Call, account: AccountHex, options?: { readonly signal?: AbortSignal }): Promise<bigint>
  calls: ChainCalls
  /** Makes no request: nonce and era are given. */
  sign(
    call: Call,
    signer: ExtrinsicSigner,
    options: { readonly nonce: number; readonly era: Era; readonly signal?: AbortSignal },
  ): Promise<Extrinsic>
  submit(extrinsic: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<SubmitResult>
  /** For a page that closes: the HTTP address and body of one `author_submitExtrinsic`, for `fetch(…, {keepalive: true})`. */
  submission(extrinsic: Uint8Array): { readonly url: string; readonly body: string }
  close(): Promise<void>
}

export type AtOptions = { readonly at?: string; readonly signal?: AbortSignal }

/** Calls as bytes, by the metadata of the connected chain. Throws ChainError when called before `open()` resolved. */
export interface ChainCalls {
  /** balances.transferKeepAlive: the sender keeps its existential deposit. */
  transferKeepAlive(to: AccountHex, planck: bigint): Call
  /** balances.transferAllowDeath (`transfer` on older runtimes). */
  transfer(to: AccountHex, planck: bigint): Call
  /** balances.transferAll: everything, the account may die. */
  transferAll(to: AccountHex): Call
  batchAll(calls: readonly Call[]): Call
  /** multisig.asMultiThreshold1, signed by one of two; `other` is the one that does not sign. */
  asMultiThreshold1(other: AccountHex, call: Call): Call
  remarkWithEvent(remark: Uint8Array): Call
}
