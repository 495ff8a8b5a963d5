/** Says on chain, by the wallet's own signature, which session key may spend for which stream. */
const TITLE = 'vilokanam/session/1'

/** `title ‖ 0 ‖ streamId ‖ session account`: what the wallet remarks when it funds a session; both 32 bytes. */
export function sessionRemark(streamId: Uint8Array, session: Uint8Array): Uint8Array {
  if (streamId.length !== 32 || session.length !== 32)
    throw new RangeError('a stream id and an account have 32 bytes')
  const remark = new Uint8Array(TITLE.length + 1 + 64)
  for (let index = 0; index < TITLE.length; index++) remark[index] = TITLE.charCodeAt(index)
  remark.set(streamId, TITLE.length + 1)
  remark.set(session, TITLE.length + 33)
  return remark
}

/** Undefined for the remarks of other programs. */
export function parseSessionRemark(
  remark: Uint8Array,
): { readonly streamId: Uint8Array; readonly session: Uint8Array } | undefined {
  if (remark.length !== TITLE.length + 65 || remark[TITLE.length] !== 0) return undefined
  for (let index = 0; index < TITLE.length; index++)
    if (remark[index] !== TITLE.charCodeAt(index)) return undefined
  return {
    streamId: remark.slice(TITLE.length + 1, TITLE.length + 33),
    session: remark.slice(TITLE.length + 33),
  }
}
