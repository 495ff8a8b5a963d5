/**
 * Context strings: every signature in the protocol covers one of these, UTF-8, a zero byte, and then the
 * signed bytes. No peer can be led to sign bytes of one kind that verify as another (docs/SPEC.md W-SIG).
 */
export const SIGNING_CONTEXTS = {
  frame: 'vilokanam/frame/1',
  manifest: 'vilokanam/manifest/1',
  announcement: 'vilokanam/announcement/1',
  edge: 'vilokanam/edge/1',
  root: 'vilokanam/root/1',
  signal: 'vilokanam/signal/1',
  hello: 'vilokanam/hello/1',
  peerRecord: 'vilokanam/peer-record/1',
  up: 'vilokanam/up/1',
  accessRequest: 'vilokanam/access-request/1',
  streamId: 'vilokanam/stream-id/1',
} as const

export type SigningContext = keyof typeof SIGNING_CONTEXTS

/** `context ‖ 0 ‖ parts…`: the exact bytes that a signature of that kind covers. */
export function signingInput(context: SigningContext, ...parts: readonly Uint8Array[]): Uint8Array {
  const text = SIGNING_CONTEXTS[context]
  let length = text.length + 1
  for (const part of parts) length += part.length
  const input = new Uint8Array(length)
  for (let index = 0; index < text.length; index++) input[index] = text.charCodeAt(index)
  let offset = text.length + 1
  for (const part of parts) {
    input.set(part, offset)
    offset += part.length
  }
  return input
}
