import type {
  AccountHex,
  Call,
  ChainPort,
  Era,
  ExtrinsicSigner,
} from '../../client/engine/chain/chain-port.ts'
import {
  budgetAccountOf,
  fundingCall,
  payerCalls,
  type SessionAccounts,
} from '../../client/engine/pay/session-calls.ts'
import { testKey } from '../../client/engine/pay/testing/test-key.ts'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { hexText } from '../../shared/protocol/hex.ts'
import { type StreamId, streamIdToBytes } from '../../shared/protocol/ids.ts'
import { until } from './until.ts'

/** Blocks. */
const PERIOD = 64

export type TestAccount = ExtrinsicSigner & { readonly key: Signer }

export function testAccount(key: Signer = testKey()): TestAccount {
  return { key, account: hexText(key.publicKey), scheme: 'ed25519', sign: payload => key.sign(payload) }
}

/** A session whose key does as it is told: pays what, when and whom it likes, or not at all. */
export class HandSession {
  readonly accounts: SessionAccounts
  readonly #chain: ChainPort
  readonly #session: TestAccount
  #nonce = 0

  private constructor(chain: ChainPort, session: TestAccount, accounts: SessionAccounts) {
    this.#chain = chain
    this.#session = session
    this.accounts = accounts
  }

  /** Opened on chain by the wallet itself, for this stream; resolves when it is in a block. `budget`: planck. */
  static async open(
    chain: ChainPort,
    wallet: TestAccount,
    { streamId, payout, budget }: { streamId: StreamId; payout: AccountHex; budget: bigint },
  ): Promise<HandSession> {
    const { hasMultisig, existentialDeposit } = await chain.open()
    const session = testAccount()
    const budgetAccount = budgetAccountOf(wallet.account, session.account, hasMultisig)
    const accounts = { session: session.account, budgetAccount, wallet: wallet.account, payout }
    const amounts = { budget, feeReserve: existentialDeposit * 1_000n, first: 0n }
    const call = fundingCall(chain.calls, accounts, amounts, streamIdToBytes(streamId), session.key.publicKey)
    await submitted(chain, wallet, call)
    await until('the session is funded', async () => (await chain.balance(budgetAccount)).free >= budget)
    return new HandSession(chain, session, accounts)
  }

  /** Signs requests for keys. */
  get signer(): Signer {
    return this.#session.key
  }

  /** Into the pool: `planck` to the creator, or to whoever is named. */
  async pay(planck: bigint, { to }: { to?: AccountHex } = {}): Promise<void> {
    const accounts = { ...this.accounts, payout: to ?? this.accounts.payout }
    const call = payerCalls(this.#chain.calls, accounts).payment(planck)
    const nonce = this.#nonce
    this.#nonce += 1
    const { bytes } = await this.#chain.sign(call, this.#session, { nonce, era: longEra(this.#chain) })
    const result = await this.#chain.submit(bytes)
    if (result.kind !== 'accepted') throw new Error(`the payment was not taken: ${JSON.stringify(result)}`)
  }
}

/** One extrinsic of an account that sends nothing else meanwhile. */
async function submitted(chain: ChainPort, account: TestAccount, call: Call): Promise<void> {
  const { nonce } = await chain.balance(account.account)
  const { bytes } = await chain.sign(call, account, { nonce, era: longEra(chain) })
  const result = await chain.submit(bytes)
  if (result.kind !== 'accepted') throw new Error(`not taken: ${JSON.stringify(result)}`)
  await until('it is in a block', async () => (await chain.balance(account.account)).nonce > nonce)
}

function longEra(chain: ChainPort): Era {
  const birth = chain.finalised()
  if (birth === undefined) throw new Error('nothing is final yet')
  return { birth, period: PERIOD }
}
