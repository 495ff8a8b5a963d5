const OBU_SEQUENCE_HEADER = 1
const OBU_TEMPORAL_DELIMITER = 2
const LEB128_MAX_BYTES = 8

type Obu = { readonly type: number; readonly bytes: Uint8Array }

/**
 * Puts the sequence header into key frames that come without: Matroska allows a writer to keep it only in the
 * track's header, and a viewer that joins at such a frame could not decode it.
 */
export class Av1SequenceCarrier {
  #header: Uint8Array | undefined

  /** The key frame with a sequence header; undefined when it has none and none was seen. */
  complete(keyFrame: Uint8Array): Uint8Array | undefined {
    const obus = splitObus(keyFrame)
    const own = obus.find(obu => obu.type === OBU_SEQUENCE_HEADER)
    if (own !== undefined) {
      this.#header = own.bytes
      return keyFrame
    }
    if (this.#header === undefined) return undefined
    const first = obus[0]
    // A temporal delimiter has to stay first (AV1, 7.5).
    const at = first?.type === OBU_TEMPORAL_DELIMITER ? first.bytes.length : 0
    const whole = new Uint8Array(keyFrame.length + this.#header.length)
    whole.set(keyFrame.subarray(0, at))
    whole.set(this.#header, at)
    whole.set(keyFrame.subarray(at), at + this.#header.length)
    return whole
  }
}

/** Stops at the first unit that runs past the end. */
function splitObus(unit: Uint8Array): Obu[] {
  const obus: Obu[] = []
  let offset = 0
  while (offset < unit.length) {
    const head = unit[offset] ?? 0
    const type = (head >> 3) & 0xf
    let end = offset + 1 + ((head & 4) !== 0 ? 1 : 0)
    if ((head & 2) === 0) {
      end = unit.length
    } else {
      let size = 0
      for (let index = 0; index < LEB128_MAX_BYTES; index++) {
        const byte = unit[end] ?? 0
        size += (byte & 0x7f) * 2 ** (7 * index)
        end += 1
        if ((byte & 0x80) === 0) break
      }
      end += size
    }
    if (end > unit.length) break
    obus.push({ type, bytes: unit.subarray(offset, end) })
    offset = end
  }
  return obus
}
