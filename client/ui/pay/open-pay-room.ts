import type { AccountHex } from '../../../shared/pay/evidence.ts'
import { createPayerCore } from '../../../shared/pay/payer-core.ts'
import { encodeAddress } from '../../engine/chain/address.ts'
import { ChainError } from '../../engine/chain/chain-error.ts'
import { ExtensionWallets } from '../../engine/chain/extension-wallet.ts'
import { PolkadotChain } from '../../engine/chain/polkadot-chain.ts'
import { ViewerPayment } from '../../engine/paid/paid-viewing.ts'
import { storedTails } from '../../engine/paid/unplayed-tails.ts'
import { REAL_TIME } from '../../engine/pay/pay-deps.ts'
import { createPaySessions } from '../../engine/pay/pay-sessions.ts'
import { browserSessionLocks } from '../../engine/pay/session-locks.ts'
import { openDatabase } from '../../engine/store/database.ts'
import { IdbLedger } from '../../engine/store/ledger-idb.ts'
import { once } from '../once.ts'
import type { PayRoom } from './pay-room.ts'

/** Nothing is dialled by it. Throws ChainError where no node is named, or one has no address. */
export function openPayRoom(endpoints: readonly string[]): PayRoom {
  if (endpoints.length === 0)
    throw new ChainError(
      'bad-endpoint',
      'This site names no chain, so nothing can be paid here. Name a node on the Wallet page to use one.',
    )
  const chain = new PolkadotChain({ endpoints })
  const sessions = once(async () => {
    const ledger = new IdbLedger(await openDatabase())
    return createPaySessions({
      ...REAL_TIME,
      chain,
      ledger,
      locks: browserSessionLocks(),
      makeCore: createPayerCore,
    })
  })
  let desk: { readonly identity: string; readonly wallets: ExtensionWallets } | undefined
  /** Of the chain that answered last: an account keeps its name while no node answers. */
  let prefix: number | undefined
  return {
    chain,
    get desk() {
      const { state } = chain
      // The same one for as long as the chain is the same: a picker that is open stays open.
      if (state.kind === 'ready' && desk?.identity !== state.info.identity)
        desk = { identity: state.info.identity, wallets: new ExtensionWallets(state.info) }
      return desk?.wallets
    },
    addressOf(account: AccountHex): string {
      const { state } = chain
      if (state.kind === 'ready') prefix = state.info.ss58Prefix
      return prefix === undefined ? account : encodeAddress(account, prefix)
    },
    sessions,
    async prepareBroadcast(price, { crypto, clock, logger }, options) {
      const [{ PaidStream }, { IdbEarningsStore }, { browserAccessStore }, database] = await Promise.all([
        import('../../engine/paid/paid-stream.ts'),
        import('../../engine/store/earnings-idb.ts'),
        import('../../engine/store/access-idb.ts'),
        openDatabase(),
      ])
      const earnings = new IdbEarningsStore(database)
      const access = browserAccessStore(database)
      const deps = { chain, earnings, access, crypto, clock, logger: logger.scope('paid') }
      return PaidStream.prepare(deps, price, options)
    },
    watch: (viewer, streamId) =>
      new ViewerPayment({ viewer, streamId, sessions, tails: storedTails(localStorage) }),
  }
}
