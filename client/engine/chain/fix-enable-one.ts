import type { InjectedExtension, InjectedWindowProvider } from '@polkadot/extension-inject/types'
import { walletErrorOf } from './wallet-error.ts'

type InjectedWeb3 = Record<string, InjectedWindowProvider>
export type WalletWindow = { injectedWeb3?: InjectedWeb3 }

/** `web3Enable` of extension-dapp. */
export type Enable = (
  origin: string,
  before: (() => Promise<boolean>)[],
) => Promise<readonly InjectedExtension[]>

/**
 * `web3Enable` asks every wallet in the page at once, and hides why one said no. So for the moment in which it lists
 * them, `window.injectedWeb3` holds the chosen one alone, which puts the others back before it asks anybody.
 * Undefined when there is no such wallet. Throws WalletError.
 */
export async function enableOne(
  page: WalletWindow,
  id: string,
  origin: string,
  enable: Enable,
): Promise<InjectedExtension | undefined> {
  const all = page.injectedWeb3 ?? {}
  const chosen = all[id]
  if (chosen === undefined) return undefined
  let failure: unknown
  const restore = () => {
    page.injectedWeb3 = all
  }
  const noted = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    restore()
    try {
      return await ask()
    } catch (error) {
      failure = error
      throw error instanceof Error ? error : new Error(String(error))
    }
  }
  const { connect, enable: enableOld } = chosen
  const alone: InjectedWindowProvider = {
    ...chosen,
    ...(connect && { connect: from => noted(() => connect.call(chosen, from)) }),
    ...(enableOld && { enable: from => noted(() => enableOld.call(chosen, from)) }),
  }
  const narrow = async () => {
    page.injectedWeb3 = { [id]: alone }
    return true
  }
  try {
    const [extension] = await enable(origin, [narrow])
    if (extension === undefined) throw walletErrorOf(failure ?? 'rejected', nameOf(id))
    return extension
  } finally {
    restore()
  }
}

/** Wallets of the newer kind are listed under a hash and tell their name only once they are enabled. */
export function nameOf(id: string): string {
  return /^[a-z]/i.test(id) && !/^[0-9a-f]{12,}$/i.test(id) ? id.slice(0, 40) : 'The wallet'
}
