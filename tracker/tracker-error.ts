export type TrackerErrorCode = 'port-in-use' | 'bad-option' | 'no-permission' | 'listen-failed'

/** Why a tracker did not start: `message` is a sentence that says what happened and what to do. */
export class TrackerError extends Error {
  readonly code: TrackerErrorCode

  constructor(code: TrackerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'TrackerError'
    this.code = code
  }
}

/** `option` names what the operator can change. */
export function listenError(error: unknown, what: string, option: string): TrackerError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return new TrackerError(
        'port-in-use',
        `${what} is already in use. Stop the program that uses it, or choose another with ${option}.`,
        { cause: error },
      )
    case 'EACCES':
      return new TrackerError(
        'no-permission',
        `${what} needs more rights than this process has. Choose a port above 1023 with ${option}, or put a reverse proxy before it.`,
        { cause: error },
      )
    default:
      return new TrackerError(
        'listen-failed',
        `${what} could not be opened (${error instanceof Error ? error.message : String(error)}). Check ${option} and --host.`,
        { cause: error },
      )
  }
}
