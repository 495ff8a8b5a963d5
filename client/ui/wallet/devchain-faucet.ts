import type { AccountHex } from '../../../shared/pay/evidence.ts'

export type FaucetErrorCode = 'unreachable' | 'refused'

export class FaucetError extends Error {
  readonly code: FaucetErrorCode

  constructor(code: FaucetErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'FaucetError'
    this.code = code
  }
}

/** Play money of `vilokanam devchain`, from the node at `endpoint` (`ws://…`). Throws FaucetError. */
export async function askFaucet(
  endpoint: string,
  account: AccountHex,
  planck: bigint,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  const body = { jsonrpc: '2.0', id: 1, method: 'devchain_faucet', params: [account, planck.toString()] }
  let answer: { readonly error?: { readonly message?: unknown; readonly data?: unknown } }
  try {
    const response = await fetch(endpoint.replace(/^ws/, 'http'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    })
    answer = (await response.json()) as typeof answer
  } catch (cause) {
    throw new FaucetError('unreachable', 'The local chain does not answer. Start it again with npm start.', {
      cause,
    })
  }
  if (answer.error === undefined) return
  const { data, message } = answer.error
  const words = typeof data === 'string' ? data : typeof message === 'string' ? message : 'it gave no reason'
  throw new FaucetError('refused', `The faucet gave nothing: ${words.slice(0, 200)}`)
}
