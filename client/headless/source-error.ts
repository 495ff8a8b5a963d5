import { EngineError } from '../engine/engine-error.ts'

/** Why a file or a pipe cannot be broadcast (any further). Stable: tests and scripts name it. */
export type SourceFault =
  | 'not-found'
  | 'unreadable'
  | 'not-media'
  | 'incomplete'
  | 'truncated'
  | 'corrupt'
  | 'no-video'
  | 'unsupported-codec'
  | 'key-frames-too-far'
  | 'frame-too-large'
  | 'empty-pipe'

/** Ends a broadcast; `message` says what happened and what to do. */
export class SourceError extends EngineError {
  readonly fault: SourceFault

  constructor(fault: SourceFault, message: string, options?: { cause?: unknown }) {
    super(fault === 'unsupported-codec' ? 'unsupported-codec' : 'bad-file', message, options)
    this.name = 'SourceError'
    this.fault = fault
  }
}

/** Something a creator should know while the broadcast goes on. */
export type SourceNotice = {
  readonly kind:
    | 'key-frames-far'
    | 'audio-limited'
    | 'audio-left-out'
    | 'rotated'
    | 'gap'
    | 'slow-source'
    | 'silent-source'
    | 'full-pipe'
  readonly message: string
}
