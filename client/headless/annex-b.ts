/** The bytes are no H.264 in length-prefixed form. The caller knows where in which file, and says so. */
export class DamagedPacketError extends Error {
  constructor(detail: string) {
    super(detail)
    this.name = 'DamagedPacketError'
  }
}

/** What an avcC box says that a converter needs (ISO/IEC 14496-15, 5.3.3). */
export type AvcConfig = {
  /** Bytes of the length before each NAL unit: 1, 2 or 4. */
  readonly lengthBytes: number
  /** profile_idc. */
  readonly profile: number
  /** SPS and PPS, each behind a start code. */
  readonly parameterSets: Uint8Array
}

const NAL_IDR = 5
const NAL_SPS = 7
const NAL_ACCESS_UNIT_DELIMITER = 9
const NAL_TYPE_MASK = 0x1f
const FORBIDDEN_BIT = 0x80
const START_CODE_BYTES = 4

/** Throws DamagedPacketError. */
export function parseAvcConfig(description: Uint8Array): AvcConfig {
  const damaged = (): DamagedPacketError =>
    new DamagedPacketError('the decoder configuration (avcC) is cut off')
  const sets: Uint8Array[] = []
  let offset = 5
  for (const countMask of [0x1f, 0xff]) {
    const count = description[offset]
    if (count === undefined) throw damaged()
    offset += 1
    for (let index = 0; index < (count & countMask); index++) {
      const high = description[offset]
      const low = description[offset + 1]
      if (high === undefined || low === undefined) throw damaged()
      const end = offset + 2 + high * 256 + low
      if (end > description.length) throw damaged()
      sets.push(description.subarray(offset + 2, end))
      offset = end
    }
  }
  const parameterSets = new Uint8Array(sets.reduce((sum, set) => sum + START_CODE_BYTES + set.length, 0))
  let written = 0
  for (const set of sets) written = writeNal(parameterSets, written, set)
  return { lengthBytes: ((description[4] ?? 0) & 3) + 1, profile: description[1] ?? 0, parameterSets }
}

/**
 * One access unit, from length-prefixed NAL units to start codes, with the parameter sets in front of an IDR picture
 * that brings none: so a viewer can start at any key frame and needs no decoder description.
 * `isKey` is true for IDR pictures only: a container's "sync sample" may be one that a decoder cannot start at.
 * Throws DamagedPacketError when the lengths do not add up.
 */
export function toAnnexB(packet: Uint8Array, config: AvcConfig): { payload: Uint8Array; isKey: boolean } {
  const nals = splitNals(packet, config.lengthBytes)
  const isKey = nals.some(nal => nalType(nal) === NAL_IDR)
  const needsSets = isKey && !nals.some(nal => nalType(nal) === NAL_SPS)
  const size = nals.reduce((sum, nal) => sum + START_CODE_BYTES + nal.length, 0)
  const payload = new Uint8Array(size + (needsSets ? config.parameterSets.length : 0))
  let offset = 0
  let areSetsDue = needsSets
  for (const nal of nals) {
    // A delimiter, where there is one, has to stay the first of its access unit (H.264, 7.4.1.2.3).
    if (areSetsDue && nalType(nal) !== NAL_ACCESS_UNIT_DELIMITER) {
      payload.set(config.parameterSets, offset)
      offset += config.parameterSets.length
      areSetsDue = false
    }
    offset = writeNal(payload, offset, nal)
  }
  return { payload, isKey }
}

function splitNals(packet: Uint8Array, lengthBytes: number): Uint8Array[] {
  const nals: Uint8Array[] = []
  let offset = 0
  while (offset < packet.length) {
    let length = 0
    for (let index = 0; index < lengthBytes; index++) length = length * 256 + (packet[offset + index] ?? 0)
    const start = offset + lengthBytes
    const nal = packet.subarray(start, start + length)
    if (start + length > packet.length || ((nal[0] ?? 0) & FORBIDDEN_BIT) !== 0) {
      throw new DamagedPacketError('the lengths of NAL units do not add up')
    }
    if (length > 0) nals.push(nal)
    offset = start + length
  }
  return nals
}

function nalType(nal: Uint8Array): number {
  return (nal[0] ?? 0) & NAL_TYPE_MASK
}

function writeNal(target: Uint8Array, offset: number, nal: Uint8Array): number {
  target[offset + START_CODE_BYTES - 1] = 1
  target.set(nal, offset + START_CODE_BYTES)
  return offset + START_CODE_BYTES + nal.length
}
