import type { SessionRow } from '../../../shared/pay/payer-contract.ts'
import type { ChainPort } from '../chain/chain-port.ts'
import type { LedgerStore, WalletRow } from '../store/ledger-store.ts'
import { findExtrinsic } from './find-extrinsic.ts'

/**
 * Looks up what became of the extrinsics the wallet signed for a session, and writes it down once it is final. Answers
 * the session's row with what the wallet's extrinsics really moved: a page may have gone between prompt and block.
 * Where the chain cannot tell yet, an extrinsic counts as on its way. Throws LedgerError only.
 */
export async function settleWalletRows(
  chain: ChainPort,
  ledger: LedgerStore,
  session: SessionRow,
): Promise<SessionRow> {
  const rows: WalletRow[] = []
  for (const row of await ledger.walletRows(session.session)) {
    const outcome = row.outcome ?? (await outcomeOf(chain, row, session).catch(() => undefined))
    const settled = outcome === undefined ? row : { ...row, outcome }
    if (outcome !== undefined && row.outcome === undefined) await ledger.commit({ wallet: [settled] })
    rows.push(settled)
  }
  return withWalletRows(session, rows)
}

function withWalletRows(session: SessionRow, rows: readonly WalletRow[]): SessionRow {
  const deposits = rows.filter(({ use, outcome }) => use !== 'take-back' && outcome?.isOk !== false)
  const fund = rows.findLast(({ use }) => use === 'fund')
  if (fund === undefined) return session
  const { phase } = session
  return {
    ...session,
    budget: deposits.reduce((sum, row) => sum + row.budget, 0n),
    feeReserve: deposits.reduce((sum, row) => sum + row.feeReserve, 0n),
    ...(phase.kind === 'funding' && {
      phase: { ...phase, hash: fund.hash, lastBlock: fund.outcome?.block.number ?? fund.lastBlock },
    }),
  }
}

/** Undefined while only time can tell. */
async function outcomeOf(
  chain: ChainPort,
  row: WalletRow,
  { session, budgetAccount, wallet, chain: identity }: SessionRow,
): Promise<WalletRow['outcome']> {
  const finalised = chain.finalised()
  const { state } = chain
  if (finalised === undefined || state.kind !== 'ready' || state.info.identity !== identity) return undefined
  const { nonce } = await chain.balance(wallet, { at: finalised.hash })
  // One request, where walking would be one a block.
  if (nonce <= row.nonce && finalised.number <= row.lastBlock) return undefined
  const height = Math.min(finalised.number, row.lastBlock)
  const at = { number: height, hash: await chain.blockHash(height) }
  const result = await findExtrinsic(chain, at, row.birth.number + 1, one => one.hash === row.hash)
  if (result.kind === 'unreadable') return undefined
  // Its nonce is used, or its time is over: what is in no final block will never be.
  if (result.kind === 'not-found') return { block: at, isOk: false, fee: 0n, returned: 0n }
  const { isOk, fee, transfers } = result.extrinsic
  const home = transfers.filter(
    ({ from, to }) => to === wallet && (from === budgetAccount || from === session),
  )
  return { block: result.block, isOk, fee, returned: home.reduce((sum, { planck }) => sum + planck, 0n) }
}
