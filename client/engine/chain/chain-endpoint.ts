import { hexText } from '../../../shared/protocol/hex.ts'
import { ChainError } from './chain-error.ts'

const ENDPOINT_MAX_CHARS = 512

/** `ws:` or `wss:`, as given. Throws ChainError('bad-endpoint'). */
export function checkEndpoint(endpoint: string): string {
  const url = endpoint.length <= ENDPOINT_MAX_CHARS && URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol === 'ws:' || url?.protocol === 'wss:') return endpoint
  throw new ChainError(
    'bad-endpoint',
    `${endpoint.slice(0, 80)} is no address of a chain’s node: it has to begin with wss:// (or ws:// on this machine).`,
  )
}

/** Where the same node takes single requests by POST. */
export function httpEndpoint(endpoint: string): string {
  return endpoint.replace(/^ws/, 'http')
}

/** The JSON of one `author_submitExtrinsic`. */
export function submissionBody(extrinsic: Uint8Array): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'author_submitExtrinsic',
    params: [hexText(extrinsic)],
  })
}
