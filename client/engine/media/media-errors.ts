import { EngineError } from '../engine-error.ts'

/** Why this page cannot capture at all, or undefined. */
export function captureObstacle(): EngineError | undefined {
  if (!globalThis.isSecureContext) {
    return new EngineError(
      'insecure-origin',
      'The browser gives camera, microphone and encoders to secure pages only. Open this page by https, or at http://localhost.',
    )
  }
  if (!('VideoEncoder' in globalThis) || !('AudioEncoder' in globalThis)) {
    return new EngineError(
      'no-webcodecs',
      'This browser cannot encode video by itself (it has no WebCodecs encoder). Use a current Chrome, Edge, Firefox or Safari.',
    )
  }
  return undefined
}

/** Why this page cannot play at all, or undefined. */
export function playObstacle(): EngineError | undefined {
  if (!globalThis.isSecureContext) {
    return new EngineError(
      'insecure-origin',
      'The browser gives its decoders to secure pages only. Open this page by https, or at http://localhost.',
    )
  }
  if (!('VideoDecoder' in globalThis) || !('AudioDecoder' in globalThis)) {
    return new EngineError(
      'no-webcodecs',
      'This browser cannot decode live video by itself (it has no WebCodecs). Use a current Chrome, Edge, Firefox or Safari.',
    )
  }
  return undefined
}

/** What getUserMedia and getDisplayMedia throw, in words. */
export function deviceError(error: unknown, what: string): EngineError {
  const name = error instanceof Error ? error.name : ''
  const options = { cause: error }
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new EngineError(
        'permission-refused',
        `The browser was not allowed to use the ${what}. Allow it in the address bar's site settings (and in the system's privacy settings), then try again.`,
        options,
      )
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new EngineError(
        'no-camera',
        `No ${what} was found. Connect one, or choose another source: a screen, a file or the test pattern.`,
        options,
      )
    case 'NotReadableError':
    case 'AbortError':
      return new EngineError(
        'no-camera',
        `The ${what} could not be started: another program may be using it. Close that program, or choose another device.`,
        options,
      )
    default:
      return new EngineError('no-camera', `The ${what} could not be started: ${String(error)}`, options)
  }
}

export function unsupportedCodec(codec: string, media: 'picture' | 'sound'): EngineError {
  return new EngineError(
    'unsupported-codec',
    `This browser cannot decode the ${media} of this stream (${codec}). Watch it in another browser, or ask the creator to send H.264 or VP8 with Opus.`,
  )
}

export function decodeFailed(media: 'picture' | 'sound', cause: unknown): EngineError {
  return new EngineError(
    'decode-failed',
    `A part of the ${media} could not be decoded. It goes on at the next key frame, within a second or two.`,
    { cause },
  )
}
