import type { BlockRef } from '../../../shared/pay/evidence.ts'
import type { BlockReader } from './block-reader.ts'
import { type BlockReading, tipOf } from './earnings-book.ts'
import type { EarningsJournal } from './earnings-journal.ts'

export type TrailSyncDeps = {
  readonly journal: EarningsJournal
  readonly reader: BlockReader
}

/** What the endpoint says of itself at this moment. */
export type Heads = {
  readonly best: BlockRef
  readonly finalised: BlockRef
  /** Hashes that the port reported as retracted. */
  readonly retracted: ReadonlySet<string>
}

/**
 * `again`: the chain moved while it was read, or the endpoint contradicts what is final; the next head is a new try.
 * `behind`: the endpoint is behind what is already final.
 */
export type SyncResult = 'done' | 'again' | 'behind'

/** A longer stretch is read in the background, as a gap that closes, so that the newest blocks do not wait for it. */
export const READ_AT_ONCE_MAX = 64

/** Brings the journal to these heads. Throws ChainError when the chain does not answer. */
export async function syncTrail(deps: TrailSyncDeps, heads: Heads, signal: AbortSignal): Promise<SyncResult> {
  const { journal } = deps
  if (heads.best.number < journal.cursor.final.number) return 'behind'
  const { finalised } = heads
  if (finalised.number > journal.cursor.final.number && !(await holds(deps, finalised, signal)))
    return 'again'
  const grown = await reachBest(deps, heads, signal)
  if (finalised.number > journal.cursor.final.number)
    await journal.apply({ kind: 'finalise', block: finalised })
  return grown
}

/** True once the journal's newest block is at or above this final one, which is on its trail or is what it stands on. */
async function holds(deps: TrailSyncDeps, finalised: BlockRef, signal: AbortSignal): Promise<boolean> {
  const { journal } = deps
  const isHeld = () => journal.cursor.trail.some(({ hash }) => hash === finalised.hash)
  if (isHeld()) return true
  if (!(await dropStrays(deps, finalised, signal))) return false
  const tip = tipOf(journal.cursor)
  if (finalised.number - tip.number > READ_AT_ONCE_MAX) {
    await journal.apply({ kind: 'finalise', block: tip })
    return journal.apply({ kind: 'skip', to: finalised })
  }
  for (let number = tip.number + 1; number <= finalised.number; number++) {
    const hash = number === finalised.number ? finalised.hash : await deps.reader.hashAt(number, signal)
    if (hash === undefined) return false
    const block = { number, hash }
    if (!(await journal.apply({ kind: 'grow', block, reading: await deps.reader.read(block, signal) })))
      return false
  }
  return isHeld()
}

/** Retracts what is not under the finalised block. False when that contradicts what was final before. */
async function dropStrays(
  { journal, reader }: TrailSyncDeps,
  finalised: BlockRef,
  signal: AbortSignal,
): Promise<boolean> {
  const { trail, final } = journal.cursor
  for (const block of [final, ...trail].toReversed()) {
    if (block.number >= finalised.number) continue
    if ((await reader.hashAt(block.number, signal)) !== block.hash) continue
    if (block.number < tipOf(journal.cursor).number)
      await journal.apply({ kind: 'retract', above: block.number })
    return true
  }
  return false
}

async function reachBest(deps: TrailSyncDeps, heads: Heads, signal: AbortSignal): Promise<SyncResult> {
  const { journal } = deps
  const path: { readonly block: BlockRef; readonly reading: BlockReading }[] = []
  let block = heads.best
  while (!isOnTrail(journal, block)) {
    if (block.number <= journal.cursor.final.number) return 'again'
    const reading = await deps.reader.read(block, signal)
    path.unshift({ block, reading })
    const parent = await parentOf(deps, block, reading, signal)
    if (parent === undefined) return 'again'
    block = { number: block.number - 1, hash: parent }
  }
  // A head that is an ancestor of ours may be an endpoint that is a block behind: only the port's word retracts then.
  const above = journal.cursor.trail.filter(({ number }) => number > block.number)
  const isRetracted = path.length > 0 || above.some(({ hash }) => heads.retracted.has(hash))
  if (above.length > 0 && isRetracted) await journal.apply({ kind: 'retract', above: block.number })
  for (const step of path) if (!(await journal.apply({ kind: 'grow', ...step }))) return 'again'
  return 'done'
}

function isOnTrail({ cursor }: EarningsJournal, { hash }: BlockRef): boolean {
  return cursor.final.hash === hash || cursor.trail.some(other => other.hash === hash)
}

/** Of a block that cannot be read the endpoint is asked, but believed only while it holds that block to be its own. */
async function parentOf(
  { reader }: TrailSyncDeps,
  block: BlockRef,
  reading: BlockReading,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (reading.kind === 'read') return reading.parent
  const parent = await reader.hashAt(block.number - 1, signal)
  return (await reader.hashAt(block.number, signal)) === block.hash ? parent : undefined
}
