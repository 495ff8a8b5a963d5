import type { AccountHex } from '../../shared/pay/evidence.ts'
import { hexText, parseHex } from '../../shared/protocol/hex.ts'
import { decodeAddress } from '../engine/chain/address.ts'
import type { ChainInfo, ExtrinsicSigner } from '../engine/chain/chain-port.ts'
import { DEV_NAMES, type DevName, devAccount } from '../engine/chain/dev-account.ts'
import { parseAmount, planckText } from '../engine/chain/planck-text.ts'
import { PolkadotChain } from '../engine/chain/polkadot-chain.ts'
import { loadAccount } from './key-file.ts'
import { OptionError } from './option-error.ts'

const CONFIG_MAX_BYTES = 64 * 1024
const CONFIG_TIMEOUT_MS = 5_000

/** The nodes named, else those that the site's config.json names. Throws OptionError when there is none. */
export async function chainOf(
  named: readonly string[] | undefined,
  siteUrl: string | undefined,
  signal: AbortSignal,
): Promise<PolkadotChain> {
  const endpoints = named ?? (siteUrl === undefined ? [] : await endpointsOf(siteUrl, signal))
  if (endpoints.length === 0)
    throw new OptionError(
      'No chain is known: name a node with --chain wss://…, or start one for play money with vilokanam devchain.',
    )
  return new PolkadotChain({ endpoints })
}

/** `1.25` in the chain's unit. Throws OptionError. */
export function amountOf(option: string, text: string, info: ChainInfo): bigint {
  const planck = parseAmount(text, info.decimals)
  if (planck === undefined || planck <= 0n) {
    const example = planckText(10n ** BigInt(Math.max(0, info.decimals - 2)), info)
    throw new OptionError(`${option} “${text}” is no amount: write it in ${info.symbol}, as in ${example}.`)
  }
  return planck
}

/** An address of any Substrate chain, or the account's 32 bytes in hex. Throws OptionError. */
export function accountOf(option: string, text: string): AccountHex {
  const isHex = text.startsWith('0x') && parseHex(text)?.length === 32
  const account = isHex ? text.toLowerCase() : decodeAddress(text)?.account
  if (account === undefined)
    throw new OptionError(`${option} “${text}” is no account. Copy its address from the wallet.`)
  return account
}

/** Who pays: a key file, or on the local chain a development account such as //Alice. Throws OptionError, EngineError. */
export async function payerOf(text: string, info: ChainInfo): Promise<ExtrinsicSigner> {
  if (!text.startsWith('//')) {
    const signer = await loadAccount(text)
    return { account: hexText(signer.publicKey), scheme: 'ed25519', sign: bytes => signer.sign(bytes) }
  }
  const name = DEV_NAMES.find(one => `//${one}` === text)
  if (name === undefined)
    throw new OptionError(
      `${text} is no development account: ${DEV_NAMES.map(one => `//${one}`).join(', ')}.`,
    )
  if (!info.isLocal)
    throw new OptionError(`Everybody has the key of ${text}: it pays on a local chain only. Name a key file.`)
  return devAccount(name satisfies DevName)
}

async function endpointsOf(siteUrl: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const response = await fetch(new URL('config.json', siteUrl), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(CONFIG_TIMEOUT_MS)]),
    })
    const text = await response.text()
    if (!response.ok || text.length > CONFIG_MAX_BYTES) return []
    const json: unknown = JSON.parse(text)
    const chain = typeof json === 'object' && json !== null && 'chain' in json ? json.chain : undefined
    const listed =
      typeof chain === 'object' && chain !== null && 'endpoints' in chain ? chain.endpoints : undefined
    return Array.isArray(listed) ? listed.filter(item => typeof item === 'string').slice(0, 8) : []
  } catch {
    signal.throwIfAborted()
    return []
  }
}
