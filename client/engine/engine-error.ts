export type EngineErrorCode =
  | 'no-webrtc'
  | 'no-webcodecs'
  | 'no-camera'
  | 'permission-refused'
  | 'unsupported-codec'
  | 'tracker-unreachable'
  | 'stream-ended'
  | 'no-such-stream'
  | 'bad-stream-id'
  | 'bad-file'
  | 'decode-failed'
  | 'insecure-origin'
  | 'already-started'
  | 'closed'
  | 'clock-wrong'
  | 'live-elsewhere'
  | 'too-late-to-resume'
  | 'bad-price'

/** Something the user can act on: `message` is a sentence that says what happened and what to do. */
export class EngineError extends Error {
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'EngineError'
    this.code = code
  }
}
