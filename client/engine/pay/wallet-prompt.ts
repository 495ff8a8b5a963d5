import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { SessionRow, WalletRequest } from '../../../shared/pay/payer-contract.ts'
import { settlementIntervalMs } from '../../../shared/pay/settlement.ts'
import { parseHex } from '../../../shared/protocol/hex.ts'
import type { ChainPort, ExtrinsicSigner } from '../chain/chain-port.ts'
import type { LedgerStore, WalletRow } from '../store/ledger-store.ts'
import { PayError } from './pay-error.ts'
import type { FundingStep } from './pay-session-contract.ts'
import { payErrorOf } from './plan-funding.ts'
import { fundingCall, raiseCall } from './session-calls.ts'
import { signByWallet, submitForWallet, type WalletInclusion, waitForWallet } from './wallet-extrinsic.ts'

/** Payments that a raise sets fees aside for, beyond those its seconds need. */
const SPARE_PAYMENTS = 3n

/** A prompt under way, and who waits for it. */
export type Asking = {
  readonly wallet: ExtrinsicSigner
  readonly signal: AbortSignal | undefined
  readonly onStep: (step: FundingStep) => void
  readonly done: (error?: PayError) => void
}

export function leftMeanwhile(): PayError {
  return new PayError(
    'refused',
    'This session was left before the wallet signed, so the raise was not sent: nothing was spent.',
  )
}

/** One prompt of the wallet: signed, written down, then sent. Throws when nothing was sent. */
export async function promptWallet(
  { chain, ledger }: { readonly chain: ChainPort; readonly ledger: LedgerStore },
  session: SessionRow,
  request: WalletRequest,
  amounts: { readonly budget: bigint; readonly feeReserve: bigint },
  {
    wallet,
    signal,
    onStep,
    onSigned,
  }: {
    readonly wallet: ExtrinsicSigner
    readonly signal?: AbortSignal
    readonly onStep: (step: FundingStep) => void
    /** A prompt may stay open for long: throws where what was signed must not be sent any more. */
    readonly onSigned: () => void
  },
): Promise<WalletRow> {
  const options = signal === undefined ? {} : { signal }
  await chain.open(options)
  onStep('prompt')
  const call =
    request === 'raise'
      ? raiseCall(chain.calls, session, amounts)
      : fundingCall(
          chain.calls,
          session,
          { ...amounts, first: session.first },
          bytesOf(`0x${session.streamId}`),
          bytesOf(session.session),
        )
  const { extrinsic, nonce, birth } = await signByWallet(chain, call, wallet, options)
  onSigned()
  const row: WalletRow = {
    session: session.session,
    hash: extrinsic.hash,
    use: request,
    bytes: extrinsic.bytes,
    nonce,
    birth,
    lastBlock: extrinsic.lastBlock,
    budget: amounts.budget,
    feeReserve: amounts.feeReserve,
  }
  await ledger.commit({ wallet: [row] })
  await submitForWallet(chain, extrinsic.bytes)
  onStep('sent')
  return row
}

/** Waits for its block. Throws PayError where it was refused there, or never came. */
export async function expectIncluded(
  chain: ChainPort,
  row: WalletRow,
  wallet: AccountHex,
): Promise<WalletInclusion> {
  const included = await waitForWallet(chain, wallet, row)
  if (included.extrinsic.isOk) return included
  throw new PayError(
    'failed',
    `The chain refused the wallet's transaction (${included.extrinsic.error ?? 'no reason given'}). Only its fee was spent; nothing was moved.`,
  )
}

/** planck to set aside for the fees of paying `more` planck, read from the chain now. Throws PayError. */
export async function raiseFees(
  chain: ChainPort,
  session: SessionRow,
  more: bigint,
  price: bigint,
  signal: AbortSignal | undefined,
): Promise<bigint> {
  const options = signal === undefined ? {} : { signal }
  try {
    const { blockMs, existentialDeposit } = await chain.open(options)
    const call = raiseCall(chain.calls, session, { budget: more, feeReserve: more })
    const fee = await chain.fee(call, session.wallet, options)
    const intervalMs = settlementIntervalMs({ price, fee, blockMs })
    const perPayment = (price * BigInt(Math.round(intervalMs))) / 1_000n
    const payments = (perPayment === 0n ? 0n : more / perPayment) + SPARE_PAYMENTS
    const fees = (payments * fee * 3n) / 2n
    const { free } = await chain.balance(session.wallet, options)
    if (free >= more + fees + fee + existentialDeposit) return fees
    throw new PayError(
      'no-funds',
      'The wallet does not hold enough for this raise, its fees and what the chain asks to stay on every account. Choose less, or put funds on the wallet.',
    )
  } catch (error) {
    signal?.throwIfAborted()
    throw payErrorOf(error)
  }
}

function bytesOf(hex: string): Uint8Array {
  const bytes = parseHex(hex)
  if (bytes === undefined) throw new PayError('storage', 'The ledger of this session cannot be read.')
  return bytes
}
