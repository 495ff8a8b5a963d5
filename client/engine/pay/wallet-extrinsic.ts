import type { BlockRef } from '../../../shared/pay/evidence.ts'
import { ChainError } from '../chain/chain-error.ts'
import type { BlockExtrinsic, Call, ChainPort, Extrinsic, ExtrinsicSigner } from '../chain/chain-port.ts'
import { WalletError } from '../chain/wallet-error.ts'
import type { WalletRow } from '../store/ledger-store.ts'
import { type FindResult, findExtrinsic } from './find-extrinsic.ts'
import { nextMove } from './next-move.ts'
import { PayError } from './pay-error.ts'

/** A prompt may stay open while its owner looks for a password; what never came is only sure after as long. */
const PROMPT_MS = 120_000
const ERA_MIN = 16
/** Nodes know the hashes of the last 250 blocks and more. */
const ERA_MAX = 256
/** Refused for its rate: the node itself asks to come again. */
const RATE_TRIES = 5
const RATE_PAUSE_MS = 500

export type SignedByWallet = {
  readonly extrinsic: Extrinsic
  readonly nonce: number
  readonly birth: BlockRef
}

/** One prompt. Throws PayError when the wallet's owner or the wallet says no, ChainError when the chain cannot be read. */
export async function signByWallet(
  chain: ChainPort,
  call: Call,
  wallet: ExtrinsicSigner,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<SignedByWallet> {
  const options = signal === undefined ? {} : { signal }
  const { blockMs } = await chain.open(options)
  const birth = chain.finalised()
  if (birth === undefined)
    throw new PayError('chain-down', 'The chain has told no final block yet. Try again in a few seconds.')
  const { nonce } = await chain.balance(wallet.account, options)
  const period = periodOf(blockMs)
  try {
    const extrinsic = await chain.sign(call, wallet, { nonce, era: { birth, period }, ...options })
    return { extrinsic, nonce, birth }
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof ChainError) throw cause
    throw walletError(cause)
  }
}

/** Throws PayError when the node will never take it: then nothing was spent. */
export async function submitForWallet(
  chain: ChainPort,
  bytes: Uint8Array,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const result = await chain.submit(bytes, signal === undefined ? {} : { signal })
    if (result.kind !== 'refused') return
    if (result.code === 'rate' && tries < RATE_TRIES) {
      await new Promise(resolve => setTimeout(resolve, RATE_PAUSE_MS))
      continue
    }
    throw result.code === 'payment'
      ? new PayError(
          'no-funds',
          `The wallet cannot pay the fee of this transaction (${result.reason}). Nothing was spent; put some funds on the account and try again.`,
        )
      : new PayError(
          'failed',
          `The node refused the wallet's transaction (${result.reason}). Nothing was spent; try again.`,
        )
  }
}

export type WalletInclusion = { readonly block: BlockRef; readonly extrinsic: BlockExtrinsic }

/**
 * Waits until it is in a block of the best chain. Throws PayError: `not-included` when its time ran out at finality, or
 * another transaction of the wallet took its place; then nothing was spent.
 */
export async function waitForWallet(
  chain: ChainPort,
  wallet: string,
  row: Pick<WalletRow, 'hash' | 'nonce' | 'birth' | 'lastBlock'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<WalletInclusion> {
  const options = signal === undefined ? {} : { signal }
  for (;;) {
    signal?.throwIfAborted()
    const move = nextMove(chain, options)
    // Not waited for when the answer is found at once.
    move.catch(() => {})
    try {
      const found = await lookFor(chain, wallet, row, options)
      if (found !== undefined) return found
    } catch (error) {
      if (error instanceof PayError) throw error
      signal?.throwIfAborted()
      // The chain cannot be read at the moment: it is looked at again when it moves.
    }
    await move
  }
}

async function lookFor(
  chain: ChainPort,
  wallet: string,
  row: Pick<WalletRow, 'hash' | 'nonce' | 'birth' | 'lastBlock'>,
  options: { readonly signal?: AbortSignal },
): Promise<WalletInclusion | undefined> {
  const [best, finalised] = [chain.best(), chain.finalised()]
  if (best === undefined || finalised === undefined) return undefined
  const inBest = await lookAt(chain, wallet, row, best, options)
  if (inBest.kind === 'found') return inBest
  const inFinal = await lookAt(chain, wallet, row, finalised, options)
  if (inFinal.kind === 'found') return inFinal
  // Only finality is an answer: what is not in this fork may still come in another.
  if (inFinal.kind === 'not-found')
    throw new PayError(
      'not-included',
      'Another transaction of this wallet took the place of this one, so it will never be carried out and nothing was spent. Try again when the wallet is idle.',
    )
  if (inFinal.kind === 'unused' && finalised.number > row.lastBlock)
    throw new PayError(
      'not-included',
      'The chain did not take the transaction before its time ran out, so nothing was spent. Try again; if it happens twice the chain is overloaded.',
    )
  return undefined
}

async function lookAt(
  chain: ChainPort,
  wallet: string,
  row: Pick<WalletRow, 'hash' | 'nonce' | 'birth' | 'lastBlock'>,
  head: BlockRef,
  options: { readonly signal?: AbortSignal },
): Promise<FindResult | { readonly kind: 'unused' }> {
  const { nonce } = await chain.balance(wallet, { at: head.hash, ...options })
  if (nonce <= row.nonce) return { kind: 'unused' }
  const at = head.number <= row.lastBlock ? head : await refAt(chain, row.lastBlock, options)
  return findExtrinsic(chain, at, row.birth.number + 1, one => one.hash === row.hash, options)
}

async function refAt(
  chain: ChainPort,
  number: number,
  options: { readonly signal?: AbortSignal },
): Promise<BlockRef> {
  return { number, hash: await chain.blockHash(number, options) }
}

function periodOf(blockMs: number): number {
  let period = ERA_MIN
  while (period < ERA_MAX && period * blockMs < PROMPT_MS) period *= 2
  return period
}

/** What wallets throw has no common form: extensions say "Cancelled", our own classes have a `code`. */
export function walletError(cause: unknown): PayError {
  if (cause instanceof PayError) return cause
  if (cause instanceof WalletError)
    return new PayError(
      cause.code === 'no-accounts' ? 'wallet-locked' : 'refused',
      `${cause.message} Nothing was spent.`,
      { cause },
    )
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (/refused|cancel|reject|denied/i.test(`${code} ${reason}`))
    return new PayError(
      'refused',
      'The wallet was asked and its owner said no. Nothing was spent; choose "Watch" again if that was a slip.',
      { cause },
    )
  if (/lock/i.test(`${code} ${reason}`))
    return new PayError(
      'wallet-locked',
      'The wallet is locked. Nothing was spent; unlock it in the extension and try again.',
      { cause },
    )
  return new PayError('refused', `The wallet did not sign (${reason}). Nothing was spent; try again.`, {
    cause,
  })
}
