import { expect, it } from 'vitest'
import type { Hex } from './hex.ts'
import { type PooledTx, TxPool, type TxStatus } from './tx-pool.ts'

function tx(hash: Hex, provides: Hex, requires: readonly Hex[] = [], priority = 1n) {
  const heard: TxStatus[] = []
  const pooled: PooledTx = {
    hash,
    extrinsic: hash,
    validity: { priority, requires, provides: [provides] },
    watchers: new Set([status => heard.push(status)]),
  }
  return { pooled, heard }
}

it('DC-POOL-2 offers a block only what it can apply, in an order in which it can', () => {
  const pool = new TxPool(10)
  const third = tx('0x03', '0xb2', ['0xb1'])
  const second = tx('0x02', '0xb1', ['0xb0'])
  const first = tx('0x01', '0xb0')
  const orphan = tx('0x04', '0xc5', ['0xc4'])
  for (const { pooled } of [third, orphan, second, first]) pool.add(pooled)
  expect(pool.ready()).toEqual([first.pooled, second.pooled, third.pooled])
  expect([third.heard, first.heard]).toEqual([['future'], ['ready']])
  expect(pool.waiting).toHaveLength(4)
})

it('DC-POOL-3 a rival needs more priority, and then takes the place', () => {
  const pool = new TxPool(1)
  const first = tx('0x01', '0xb0')
  pool.add(first.pooled)
  expect(() => pool.add(tx('0x02', '0xb0').pooled)).toThrow(expect.objectContaining({ code: 1014 }))
  expect(() => pool.add(tx('0x03', '0xc0').pooled)).toThrow(expect.objectContaining({ code: 1016 }))
  const richer = tx('0x04', '0xb0', [], 2n)
  pool.add(richer.pooled)
  expect(pool.waiting).toEqual([richer.pooled])
  expect(first.heard).toEqual(['ready', { usurped: '0x04' }])
})

it('DC-POOL-4 what a re-org gives back goes before what came later', () => {
  const pool = new TxPool(1)
  const later = tx('0x02', '0xb1')
  pool.add(later.pooled)
  const back = tx('0x01', '0xb0')
  pool.readmit([back.pooled, later.pooled])
  expect(pool.waiting).toEqual([back.pooled, later.pooled])
})
