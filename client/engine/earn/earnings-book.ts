import type { BlockRef, Evidence } from '../../../shared/pay/evidence.ts'
import { assertNever } from '../../../shared/protocol/assert-never.ts'
import type { EarningsBlock, EarningsCursor, UnreadBlocks } from '../store/earnings-store.ts'
import { evidenceOf } from './block-evidence.ts'

/** A block that was asked for: what concerned us in it, or why it could not be read. */
export type BlockReading =
  | { readonly kind: 'read'; readonly parent: string; readonly content: EarningsBlock | undefined }
  | { readonly kind: 'unread'; readonly reason: string }

export type BookEvent =
  /** The child of the newest block. */
  | { readonly kind: 'grow'; readonly block: BlockRef; readonly reading: BlockReading }
  /** Blocks of the trail above this height are not in the best chain. */
  | { readonly kind: 'retract'; readonly above: number }
  /** A block of the trail is final. */
  | { readonly kind: 'finalise'; readonly block: BlockRef }
  /** From the newest block, which is final, to this later final one nothing was read. */
  | { readonly kind: 'skip'; readonly to: BlockRef }
  /** Why what was being read is still unread. */
  | { readonly kind: 'explain'; readonly reason: string }
  /** One unread block was read after all. */
  | {
      readonly kind: 'fill'
      readonly block: BlockRef
      readonly reading: Extract<BlockReading, { kind: 'read' }>
    }

/** Why blocks are unread that nobody has tried to read yet. */
export const BEING_READ = 'they are being read'

/** What to store, then to tell. */
export type BookChange = {
  readonly cursor: EarningsCursor
  readonly put: readonly EarningsBlock[]
  /** Hashes of blocks that no longer count. */
  readonly drop: readonly string[]
  readonly evidence: readonly Evidence[]
}

/** The newest block decided. */
export function tipOf({ trail, final }: EarningsCursor): BlockRef {
  return trail.at(-1) ?? final
}

/**
 * The rules by which a cursor moves (docs/spec/earnings.md). Undefined: the event contradicts what was read before, so
 * nothing of it is believed.
 */
export function stepBook(cursor: EarningsCursor, event: BookEvent): BookChange | undefined {
  switch (event.kind) {
    case 'grow':
      return grow(cursor, event.block, event.reading)
    case 'retract':
      return retract(cursor, event.above)
    case 'finalise':
      return finalise(cursor, event.block)
    case 'skip':
      return skip(cursor, event.to)
    case 'explain':
      return explain(cursor, event.reason)
    case 'fill':
      return fill(cursor, event.block, event.reading)
    default:
      return assertNever(event)
  }
}

function grow(cursor: EarningsCursor, block: BlockRef, reading: BlockReading): BookChange | undefined {
  const tip = tipOf(cursor)
  if (block.number !== tip.number + 1) return undefined
  const trail = [...cursor.trail, block]
  if (reading.kind === 'unread') {
    const { reason } = reading
    const gap = { from: block.number, to: block.number, below: tip.hash, last: block.hash, reason }
    return change({ ...cursor, trail, unread: withGap(cursor.unread, gap) }, [
      { kind: 'gap', from: gap.from, to: gap.to, reason },
    ])
  }
  if (reading.parent !== tip.hash) return undefined
  return told({ ...cursor, trail }, reading.content, [])
}

function retract(cursor: EarningsCursor, above: number): BookChange | undefined {
  if (above < cursor.final.number) return undefined
  const gone = cursor.trail.filter(({ number }) => number > above)
  if (gone.length === 0) return undefined
  const unread: UnreadBlocks[] = []
  const evidence = gone.toReversed().map((block): Evidence => ({ kind: 'retracted', block }))
  for (const gap of cursor.unread) {
    if (gap.to <= above) {
      unread.push(gap)
      continue
    }
    const from = Math.max(gap.from, above + 1)
    // A block that nobody built on leaves nothing unknown; its successor at that height is told anew.
    evidence.push({ kind: 'gap-closed', from, to: gap.to })
    if (gap.from < from) {
      unread.push({ ...gap, to: above, last: cursor.trail.find(({ number }) => number === above)?.hash })
    }
  }
  const trail = cursor.trail.filter(({ number }) => number <= above)
  return { ...change({ ...cursor, trail, unread }, evidence), drop: gone.map(({ hash }) => hash) }
}

function finalise(cursor: EarningsCursor, block: BlockRef): BookChange | undefined {
  const at = cursor.trail.findIndex(({ hash }) => hash === block.hash)
  if (at < 0) return undefined
  return change({ ...cursor, final: block, trail: cursor.trail.slice(at + 1) }, [
    { kind: 'finalised', block },
  ])
}

function skip(cursor: EarningsCursor, to: BlockRef): BookChange | undefined {
  const { final } = cursor
  const reason = BEING_READ
  if (cursor.trail.length > 0 || to.number <= final.number) return undefined
  const gap = { from: final.number + 1, to: to.number, below: final.hash, last: to.hash, reason }
  return change({ ...cursor, final: to, unread: withGap(cursor.unread, gap) }, [
    { kind: 'gap', from: gap.from, to: gap.to, reason },
    { kind: 'finalised', block: to },
  ])
}

function explain(cursor: EarningsCursor, reason: string): BookChange | undefined {
  const waiting = cursor.unread.filter(gap => gap.reason === BEING_READ)
  if (waiting.length === 0) return undefined
  const unread = cursor.unread.map(gap => (waiting.includes(gap) ? { ...gap, reason } : gap))
  return change(
    { ...cursor, unread },
    waiting.map(({ from, to }) => ({ kind: 'gap', from, to, reason })),
  )
}

function fill(
  cursor: EarningsCursor,
  block: BlockRef,
  { parent, content }: Extract<BlockReading, { kind: 'read' }>,
): BookChange | undefined {
  const { number, hash } = block
  const gap = cursor.unread.find(({ from, to }) => from <= number && number <= to)
  if (gap === undefined) return undefined
  if (number === gap.from && gap.below !== undefined && parent !== gap.below) return undefined
  if (number === gap.to && gap.last !== undefined && hash !== gap.last) return undefined
  const inTrail = cursor.trail.find(other => other.number === number)
  if (inTrail !== undefined && inTrail.hash !== hash) return undefined
  const unread = cursor.unread.flatMap(other => {
    if (other !== gap) return [other]
    const before = { ...gap, to: number - 1, last: parent }
    const after = { ...gap, from: number + 1, below: hash }
    return [before, after].filter(({ from, to }) => from <= to)
  })
  const closing: Evidence[] = [{ kind: 'gap-closed', from: number, to: number }]
  if (number <= cursor.final.number && content !== undefined) {
    closing.push({ kind: 'finalised', block: cursor.final })
  }
  return told({ ...cursor, unread }, content, closing)
}

function told(
  cursor: EarningsCursor,
  content: EarningsBlock | undefined,
  after: readonly Evidence[],
): BookChange {
  if (content === undefined) return change(cursor, after)
  return { ...change(cursor, [...evidenceOf(content), ...after]), put: [content] }
}

function change(cursor: EarningsCursor, evidence: readonly Evidence[]): BookChange {
  return { cursor: { ...cursor, revision: cursor.revision + 1 }, put: [], drop: [], evidence }
}

/** Oldest first; a gap that goes on from the one before it, for the same reason, is one with it. */
function withGap(unread: readonly UnreadBlocks[], gap: UnreadBlocks): readonly UnreadBlocks[] {
  const before = unread.at(-1)
  if (before === undefined || before.to + 1 !== gap.from || before.reason !== gap.reason)
    return [...unread, gap]
  return [...unread.slice(0, -1), { ...before, to: gap.to, last: gap.last }]
}
