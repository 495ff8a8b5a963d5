import type { Injected, InjectedAccount } from '@polkadot/extension-inject/types'
import type { HexString } from '@polkadot/util/types'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import { decodeAddress, encodeAddress } from './address.ts'
import type { DevName, Sr25519Account } from './dev-account.ts'
import type { WalletWindow } from './fix-enable-one.ts'
import { EXTRINSIC_VERSION } from './polkadot-extrinsic.ts'

export const DEMO_WALLET_ID = 'Demo wallet (play money)'
/** As extensions list accounts: of no chain in particular. */
const GENERIC_PREFIX = 42
const BYTES_OPEN = '<Bytes>'

/**
 * Puts the well-known development keys into the page as one more wallet, in the shape that real ones have, so that all
 * that follows is the same code. Only for a local chain: anyone can sign for these accounts.
 */
export function installDemoWallet(page: WalletWindow): void {
  if (page.injectedWeb3?.[DEMO_WALLET_ID] !== undefined) return
  page.injectedWeb3 = {
    ...page.injectedWeb3,
    [DEMO_WALLET_ID]: { version: '1', enable: () => demoWallet() },
  }
}

/** Idempotent. */
export function removeDemoWallet(page: WalletWindow): void {
  if (page.injectedWeb3?.[DEMO_WALLET_ID] === undefined) return
  const { [DEMO_WALLET_ID]: _, ...others } = page.injectedWeb3
  page.injectedWeb3 = others
}

async function demoWallet(): Promise<Injected> {
  const { DEV_NAMES, devAccount, payloadDigest } = await import('./dev-account.ts')
  const keys = new Map<string, Sr25519Account>()
  const names = new Map<string, DevName>()
  for (const name of DEV_NAMES) {
    const key = devAccount(name)
    keys.set(key.account, key)
    names.set(key.account, name)
  }
  const accounts = [...keys.keys()].map(
    (account): InjectedAccount => ({
      address: encodeAddress(account, GENERIC_PREFIX),
      name: `${names.get(account)} (play money)`,
      type: 'sr25519',
    }),
  )
  const keyOf = (address: string): Sr25519Account => {
    const key = keys.get(decodeAddress(address)?.account ?? '')
    if (key === undefined) throw new Error(`Unable to find ${address.slice(0, 60)}`)
    return key
  }
  let signatures = 0
  const signed = (signature: Uint8Array) => ({ id: ++signatures, signature: hexText(signature) as HexString })
  return {
    accounts: {
      get: async () => accounts,
      subscribe: listener => {
        void listener(accounts)
        return () => {}
      },
    },
    signer: {
      signPayload: async payload => {
        const key = keyOf(payload.address)
        const { TypeRegistry } = await import('@polkadot/types')
        const registry = new TypeRegistry()
        registry.setSignedExtensions(payload.signedExtensions)
        const bytes = registry
          .createType('ExtrinsicPayload', payload, { version: EXTRINSIC_VERSION })
          .toU8a({ method: true })
        return signed(Uint8Array.of(1, ...key.sign(payloadDigest(bytes))))
      },
      signRaw: async ({ address, data }) => {
        const bytes = parseHex(data.toLowerCase()) ?? new Uint8Array()
        const text = new TextDecoder().decode(bytes)
        // What is wrapped already is not wrapped again, as extensions do.
        const inner = text.startsWith(BYTES_OPEN) ? text.slice(BYTES_OPEN.length, -'</Bytes>'.length) : text
        return signed(keyOf(address).signText(inner))
      },
    },
  }
}
