import { type FileHandle, open } from 'node:fs/promises'

/** The index of an MP4 claims what cannot be. The caller says so in a sentence. */
export class ImpossibleIndexError extends Error {
  constructor(detail: string) {
    super(detail)
    this.name = 'ImpossibleIndexError'
  }
}

const BOX_HEADER_BYTES = 8
const LARGE_BOX_HEADER_BYTES = 16
/** The index of a day of 60 frames/s is below 100 MiB. */
const INDEX_MAX_BYTES = 256 * 1024 * 1024
const CONTAINERS: ReadonlySet<string> = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'moof', 'traf'])
/** Tables of ISO/IEC 14496-12 that begin with a count of entries, with the bytes of each. */
const ENTRY_BYTES: Readonly<Record<string, number>> = {
  stts: 8,
  ctts: 8,
  stsc: 12,
  stco: 4,
  co64: 8,
  stss: 4,
}
/** Writers are off by a few; a reader's loop is not. */
const SLACK_SAMPLES = 1_024

/**
 * A reader of MP4 loops over the counts that the index claims, and a damaged one may claim four thousand million:
 * checked here against the bytes that are there, before anything is made of them. Other formats pass.
 * Throws ImpossibleIndexError.
 */
export async function checkMp4Index(path: string, fileBytes: number): Promise<void> {
  const file = await open(path)
  try {
    let offset = 0
    while (offset + BOX_HEADER_BYTES <= fileBytes) {
      const header = await read(file, offset, LARGE_BOX_HEADER_BYTES)
      const type = typeAt(header, 0)
      if (!/^[a-zA-Z0-9 ]{4}$/.test(type)) return
      const size = sizeAt(header) || fileBytes - offset
      if (size < BOX_HEADER_BYTES) return
      if (type === 'moov' || type === 'moof') {
        const available = Math.min(size, fileBytes - offset)
        if (available > INDEX_MAX_BYTES) throw new ImpossibleIndexError('it is larger than any index')
        checkTables(await read(file, offset, available), fileBytes)
      }
      offset += size
    }
  } finally {
    await file.close()
  }
}

function checkTables(container: DataView, fileBytes: number): void {
  // A track's tables come in any order, so they are compared once all are known.
  let samples = Number.POSITIVE_INFINITY
  let chunks = fileBytes
  let timed = 0
  let chunking: { readonly box: DataView; readonly entries: number } | undefined
  for (const { type, body } of childBoxes(container)) {
    if (CONTAINERS.has(type)) checkTables(body, fileBytes)
    else if (type === 'stsz') samples = sizedSamples(body, fileBytes)
    else if (type === 'trun') checkRun(body, fileBytes)
    const entryBytes = ENTRY_BYTES[type]
    if (entryBytes === undefined) continue
    const entries = entryCount(body, entryBytes, type)
    if (type === 'stts' || type === 'ctts') timed = Math.max(timed, sumOfCounts(body, entries))
    if (type === 'stco' || type === 'co64') chunks = entries
    if (type === 'stsc') chunking = { box: body, entries }
  }
  const samplesMax = Math.min(samples * 2 + SLACK_SAMPLES, fileBytes)
  if (timed > samplesMax) throw new ImpossibleIndexError('more times than samples')
  if (chunking !== undefined) checkChunking(chunking.box, chunking.entries, chunks, samplesMax)
}

function* childBoxes(container: DataView): Generator<{ type: string; body: DataView }> {
  const bytesOf = (from: number, to: number) =>
    new DataView(container.buffer, container.byteOffset + from, to - from)
  let offset = Math.min(container.byteLength, BOX_HEADER_BYTES)
  while (offset + BOX_HEADER_BYTES <= container.byteLength) {
    const size = container.getUint32(offset)
    const end = offset + size
    // Large sizes have no place in an index; what runs over its parent is for the reader to judge.
    if (size < BOX_HEADER_BYTES || end > container.byteLength) return
    yield { type: typeAt(container, offset), body: bytesOf(offset, end) }
    offset = end
  }
}

/** Entries behind header, version and flags, and the count itself. */
function entryCount(box: DataView, entryBytes: number, type: string): number {
  const at = BOX_HEADER_BYTES + 4
  if (box.byteLength < at + 4) return 0
  const count = box.getUint32(at)
  if (count * entryBytes > box.byteLength - at - 4)
    throw new ImpossibleIndexError(`${type} is longer than its box`)
  return count
}

function sumOfCounts(box: DataView, entries: number): number {
  let sum = 0
  for (let entry = 0; entry < entries; entry++) sum += box.getUint32(BOX_HEADER_BYTES + 8 + entry * 8)
  return sum
}

/** First chunks rise, each names chunks that are there, and none holds more samples than there are. */
function checkChunking(box: DataView, entries: number, chunks: number, samplesMax: number): void {
  let previous = 0
  for (let entry = 0; entry < entries; entry++) {
    const at = BOX_HEADER_BYTES + 8 + entry * 12
    const first = box.getUint32(at)
    if (first <= previous || first > chunks + SLACK_SAMPLES || box.getUint32(at + 4) > samplesMax) {
      throw new ImpossibleIndexError('chunks that are not there')
    }
    previous = first
  }
}

function sizedSamples(box: DataView, fileBytes: number): number {
  const at = BOX_HEADER_BYTES + 4
  if (box.byteLength < at + 8) return Number.POSITIVE_INFINITY
  const size = box.getUint32(at)
  const count = box.getUint32(at + 4)
  const isFitting = size === 0 ? count * 4 <= box.byteLength - at - 8 : count * size <= fileBytes
  if (!isFitting) throw new ImpossibleIndexError('more samples than bytes')
  return count
}

/** A run of samples in a fragment: each field that its flags name takes four bytes a sample. */
function checkRun(box: DataView, fileBytes: number): void {
  if (box.byteLength < BOX_HEADER_BYTES + 8) return
  const fields = box.getUint8(BOX_HEADER_BYTES + 2) & 0xf
  const fieldCount = (fields & 1) + ((fields >> 1) & 1) + ((fields >> 2) & 1) + (fields >> 3)
  const samples = box.getUint32(BOX_HEADER_BYTES + 4)
  const bytes = fieldCount === 0 ? samples : samples * fieldCount * 4
  if (bytes > (fieldCount === 0 ? fileBytes : box.byteLength)) {
    throw new ImpossibleIndexError('a fragment has more samples than bytes')
  }
}

async function read(file: FileHandle, offset: number, length: number): Promise<DataView> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  return new DataView(bytes.buffer, 0, bytesRead)
}

function sizeAt(header: DataView): number {
  const size = header.getUint32(0)
  if (size !== 1 || header.byteLength < LARGE_BOX_HEADER_BYTES) return size
  return Number(header.getBigUint64(8))
}

function typeAt(view: DataView, offset: number): string {
  return String.fromCharCode(...[4, 5, 6, 7].map(index => view.getUint8(offset + index)))
}
