import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EdgeChain } from '../protocol/edge-chain.ts'
import type { RoomEffect } from './room-event.ts'
import { chain, id, names, RoomDriver } from './testing/room-driver.ts'

describe('room: any order of events', () => {
  it('T-CAND-16 never breaks the rules of an answer (property)', () => {
    const peers = Array.from({ length: 12 }, (_, index) => `p${index}`)
    const peer = fc.constantFrom(...peers)
    const action = fc.oneof(
      fc.record({ do: fc.constant('join' as const), peer, slots: fc.integer({ min: 0, max: 6 }) }),
      fc.record({
        do: fc.constant('update' as const),
        peer,
        path: fc.uniqueArray(peer, { minLength: 0, maxLength: 6 }),
        slots: fc.integer({ min: 0, max: 50 }),
      }),
      fc.record({
        do: fc.constant('ask' as const),
        peer,
        exclude: fc.uniqueArray(peer, { maxLength: 3 }),
        isOrphan: fc.boolean(),
      }),
      fc.record({ do: fc.constant('leave' as const), peer }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 4_000 }) }),
    )
    let total = 0
    fc.assert(
      fc.property(
        fc.array(action, { minLength: 60, maxLength: 120, size: 'max' }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999 })),
        (actions, chances) => {
          const room = RoomDriver.live()
          room.random = () => chances.next().value ?? 0
          const chains = new Map<string, EdgeChain>()
          const excluded = new Map<string, readonly string[]>()
          const check = (effects: readonly RoomEffect[]) => {
            for (const effect of effects) {
              if (effect.kind !== 'send' || effect.message.kind !== 'candidates') continue
              const { candidates } = effect.message
              total += candidates.length
              const networks = new Map<string, number>()
              expect(candidates.length).toBeLessThanOrEqual(8)
              expect(new Set(names(candidates)).size).toBe(candidates.length)
              for (const candidate of candidates) {
                const proven = chains.get(candidate.peer)
                expect(candidate.peer).not.toBe(effect.peer)
                expect(excluded.get(effect.peer) ?? []).not.toContain(candidate.peer)
                if (candidate.peer !== 'creator') {
                  expect(proven?.edges.length).toBe(candidate.depth)
                  expect(proven?.edges.some(edge => edge.child === effect.peer)).toBe(false)
                }
                expect(candidate.freeSlots + candidate.leaves).toBeGreaterThan(0)
                const network = networkOf(candidate.peer)
                networks.set(network, (networks.get(network) ?? 0) + 1)
              }
              for (const count of networks.values()) expect(count).toBeLessThanOrEqual(2)
            }
          }
          for (const name of peers) check(room.join(name, { network: networkOf(name) }))
          for (const step of actions) {
            switch (step.do) {
              case 'join':
                chains.delete(step.peer)
                check(room.join(step.peer, { slots: step.slots, network: networkOf(step.peer) }))
                break
              case 'update': {
                const path = chain(100, 'creator', ...step.path.filter(name => name !== step.peer), step.peer)
                if (room.core.isMember(id(step.peer))) chains.set(step.peer, path)
                check(room.update(step.peer, path, { slots: step.slots }))
                break
              }
              case 'ask':
                excluded.set(step.peer, step.exclude)
                check(
                  room.step({
                    kind: 'find-parents',
                    peer: id(step.peer),
                    exclude: step.exclude.map(id),
                    isOrphan: step.isOrphan,
                  }),
                )
                break
              case 'leave':
                chains.delete(step.peer)
                check(room.step({ kind: 'leave', peer: id(step.peer) }))
                break
              case 'wait':
                room.nowMs += step.ms
                check(room.step({ kind: 'tick' }))
            }
          }
        },
      ),
      { numRuns: 200 },
    )
    expect(total).toBeGreaterThan(1_000)
  })
})

function networkOf(peer: string): string {
  return peer === 'creator' ? peer : `net${Number(peer.slice(1)) % 3}`
}
