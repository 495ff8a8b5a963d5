/** Why bytes from a stranger were refused. Stable: tests, logs and metrics name it. */
export type WireErrorCode =
  | 'truncated'
  | 'trailing-bytes'
  | 'too-large'
  | 'unknown-kind'
  | 'unsupported-version'
  | 'bad-field'
  | 'bad-signature'
  | 'wrong-stream'
  | 'expired'

/** The only error a decoder or verifier in `shared/protocol` throws, whatever the input. */
export class WireError extends Error {
  readonly code: WireErrorCode

  constructor(code: WireErrorCode, detail: string) {
    super(`${code}: ${detail}`)
    this.name = 'WireError'
    this.code = code
  }
}
