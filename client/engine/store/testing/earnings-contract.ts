import {
  type EarningsBlock,
  EarningsConflict,
  type EarningsCursor,
  type EarningsStore,
} from '../earnings-store.ts'
import type { StreamRecords } from '../stream-records.ts'

/** Opens the store on the same storage again, as after a crash. */
export type Reopen<Store> = () => Promise<Store>

const SCOPE = { chain: '0xaa/0xbb', genesis: '0xaa', payout: `0x${'c'.repeat(64)}`, streamId: 's' }
const block = (number: number, fork = 'a') => ({ number, hash: `0x${fork}${number}` })

function cursorAt(revision: number, trail: EarningsCursor['trail'] = []): EarningsCursor {
  const opening = { block: block(1), planck: 2n ** 70n }
  const unread = [{ from: 2, to: 3, below: '0xa1', last: undefined, reason: 'gone — weg' }]
  return { revision, final: block(1), trail, unread, opening }
}

function contentOf(number: number, fork = 'a'): EarningsBlock {
  return {
    block: block(number, fork),
    ...{ atMs: 5, isAtReckoned: false, price: 7n, spent: 2n ** 64n + 1n },
    funded: [{ index: 1, wallet: '0x1', remarkHash: '0x2', moved: [{ to: '0x3', planck: 9n }] }],
    paid: [{ index: 2, from: '0x4', planck: 10n ** 24n + 1n, remarkHash: '0x2' }],
  }
}

/** Throws where a store does not keep the contract. Run on every implementation, in Node and in a page. */
export async function checkEarningsStore(reopen: Reopen<EarningsStore>): Promise<void> {
  const store = await reopen()
  same(await store.load(SCOPE), undefined, 'nothing is stored at first')
  await store.commit(SCOPE, { cursor: cursorAt(0), put: [], drop: [] })
  const trail = [block(10), block(9, 'b')]
  await store.commit(SCOPE, { cursor: cursorAt(1, trail), put: [contentOf(10), contentOf(9, 'b')], drop: [] })
  await refuses(store.commit(SCOPE, { cursor: cursorAt(1), put: [contentOf(11)], drop: ['0xa10'] }))
  await refuses(store.commit(SCOPE, { cursor: cursorAt(3), put: [], drop: [] }))
  const kept = await (await reopen()).load(SCOPE)
  same(kept?.cursor, cursorAt(1, trail), 'a conflict writes nothing')
  same(kept?.blocks, [contentOf(9, 'b'), contentOf(10)], 'blocks come back exact, in chain order')
  const again = await reopen()
  await again.commit(SCOPE, { cursor: cursorAt(2, [block(9, 'b')]), put: [], drop: ['0xa10'] })
  const other = { ...SCOPE, streamId: 's2' }
  await again.commit(other, { cursor: cursorAt(0), put: [contentOf(10)], drop: [] })
  same((await (await reopen()).load(SCOPE))?.blocks, [contentOf(9, 'b')], 'dropped blocks are gone')
  await again.archive(SCOPE, 'gone')
  await again.commit(SCOPE, { cursor: cursorAt(3), put: [], drop: [] })
  const all = (await (await reopen()).list()).map(({ scope, archived }) => [scope.streamId, archived])
  same(
    all.toSorted(),
    [
      ['s', 'gone'],
      ['s2', undefined],
    ],
    'archives stay archives',
  )
}

export async function checkStreamRecords(reopen: Reopen<StreamRecords>): Promise<void> {
  const stream = {
    ...{ id: 'x', creator: 'c', title: 'Größe', description: '', category: '', streamKeyReference: 'k' },
    ...{ status: 'live' as const, viewerCount: 0, totalTicks: 0, startedAt: 1 },
  }
  const session = { id: 'x/1', streamId: 'x', recorded: false, startedAt: 1 }
  const viewer = { streamId: 'x', viewer: '0x1', joinedAt: 2, totalTicks: 3, paidAmount: 2n ** 70n }
  const records = await reopen()
  same(await records.get('x'), undefined, 'nothing is stored at first')
  await records.put({ stream, session, viewers: [viewer] })
  await records.put({ stream: { ...stream, id: 'y', startedAt: 2 }, viewers: [{ ...viewer, streamId: 'y' }] })
  await records.put({ viewers: [{ ...viewer, totalTicks: 4 }] })
  const kept = await (await reopen()).get('x')
  same(kept, { stream, sessions: [session], viewers: [{ ...viewer, totalTicks: 4 }] }, 'rows replace by key')
  same(
    (await (await reopen()).list()).map(({ id }) => id),
    ['y', 'x'],
    'newest first',
  )
}

async function refuses(done: Promise<void>): Promise<void> {
  const error: unknown = await done.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof EarningsConflict)) throw new Error('another revision was taken')
}

function same(found: unknown, expected: unknown, rule: string): void {
  const [a, b] = [found, expected].map(canonical)
  if (a !== b) throw new Error(`${rule}: found ${a}, not ${b}`)
}

/** Names in order; an absent field and an undefined one are the same. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_name, field: unknown) => {
      if (typeof field === 'bigint') return `${field}n`
      if (typeof field !== 'object' || field === null || Array.isArray(field)) return field
      return Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    }) ?? 'undefined'
  )
}
