import type { SessionRow } from '../../../shared/pay/payer-contract.ts'
import type { ChainPort } from '../chain/chain-port.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { nextMove } from './next-move.ts'
import type { PayerShell } from './payer-shell.ts'
import { settleWalletRows } from './settle-wallet-rows.ts'

/** Tells the core where the wallet's extrinsic ended, once that is final: nothing of it can come later. */
export async function followFunding(
  { chain, ledger }: { readonly chain: ChainPort; readonly ledger: LedgerStore },
  shell: PayerShell,
  rowNow: () => SessionRow,
): Promise<void> {
  while (!shell.closed.aborted && rowNow().phase.kind === 'funding') {
    const move = nextMove(chain, { signal: shell.closed })
    move.catch(() => {})
    try {
      const row = rowNow()
      await settleWalletRows(chain, ledger, row)
      const rows = await ledger.walletRows(row.session)
      const fund = rows.findLast(({ use, outcome }) => use === 'fund' && outcome !== undefined)
      if (fund?.outcome !== undefined) {
        const { block, isOk } = fund.outcome
        if (isOk)
          shell.step({ kind: 'wallet-sent', request: 'fund', hash: fund.hash, lastBlock: block.number })
        else
          shell.step({
            kind: 'wallet-refused',
            request: 'fund',
            reason: 'the chain did not carry it out',
          })
        return
      }
      await move
    } catch {
      // Let go, or a ledger that cannot be written: the core goes by the accounts then.
      return
    }
  }
}
