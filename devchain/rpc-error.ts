/** Codes as Substrate nodes give them, so that a client learns here what it will meet there. */
export const RpcCode = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  unknownBlock: 4_003,
  badFormat: 1_001,
  invalidTransaction: 1_010,
  unknownValidity: 1_011,
  temporarilyBanned: 1_012,
  alreadyImported: 1_013,
  tooLowPriority: 1_014,
  immediatelyDropped: 1_016,
} as const

/** The `error` of a JSON-RPC answer. */
export class RpcError extends Error {
  readonly code: number
  readonly data: string | undefined

  constructor(code: number, message: string, data?: string) {
    super(message)
    this.name = 'RpcError'
    this.code = code
    this.data = data
  }
}
