import type { Input } from 'mediabunny'

type Slice = { readonly length: number } | null
type Reader = {
  requestSliceRange(start: number, minLength: number, maxLength: number): Slice | Promise<Slice>
}

/** What an EBML id and size may take: resync() looks at windows of this size. */
const WINDOW_BYTES = 8

/**
 * mediabunny 1.61.0 searches a damaged Matroska file for the next element it knows, and never ends when there is none:
 * once exactly 8 bytes are left, its loop neither advances nor stops. A slice that short has nothing to find, so it is
 * answered as the end of the file is. Only that search asks for slices of no least length.
 * Call once the format is known and before the tracks are read.
 */
export function fixMediabunnyResync(input: Input): void {
  const { _reader: reader } = input as unknown as { readonly _reader: Reader }
  const request = reader.requestSliceRange.bind(reader)
  const orEnd = (slice: Slice): Slice => (slice !== null && slice.length <= WINDOW_BYTES ? null : slice)
  reader.requestSliceRange = (start, minLength, maxLength) => {
    const slice = request(start, minLength, maxLength)
    if (minLength !== 0) return slice
    return slice instanceof Promise ? slice.then(orEnd) : orEnd(slice)
  }
}
