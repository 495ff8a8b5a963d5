import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Announcement } from '../protocol/announcement.ts'
import type { EdgeChain } from '../protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../protocol/ids.ts'
import type { Candidate, Role } from '../protocol/room-message.ts'
import { createRoomCore, depthCap, type RoomCore } from './room-core.ts'
import type { RoomEffect, RoomEvent } from './room-event.ts'

const STREAM = 'stream' as StreamId
const RECORD = Uint8Array.of(1)
const id = (name: string) => name as PeerId

function chain(untilS: number, creator: string, ...children: string[]): EdgeChain {
  const signature = new Uint8Array(64)
  return {
    creator: id(creator),
    root: signature,
    edges: children.map(child => ({ child: id(child), untilS, signature })),
  }
}

function announcement(headUs: number): Announcement {
  return {
    streamId: STREAM,
    manifestHash: new Uint8Array(32),
    seq: 1,
    at: 0,
    status: 'live',
    viewers: 0,
    heads: [{ track: 0, seq: 1, timestampUs: headUs }],
  }
}

/** A room and the hands to drive it. Time stands still unless told. */
class Driver {
  readonly core: RoomCore
  nowMs = 1_000
  random: () => number = () => 0.5

  constructor(options: { isDev?: boolean; waitsUntilMs?: number } = {}) {
    this.core = createRoomCore({ streamId: STREAM, isDev: false, waitsUntilMs: 0, ...options })
  }

  step(event: RoomEvent): RoomEffect[] {
    return this.core.step(event, { nowMs: this.nowMs, random: this.random })
  }

  announce(headUs = 0): RoomEffect[] {
    return this.step({ kind: 'announcement', announcement: announcement(headUs), record: RECORD })
  }

  join(
    peer: string,
    options: {
      role?: Role
      slots?: number
      network?: string
      chain?: EdgeChain
      rttMs?: number
      tracks?: number[]
    } = {},
  ): RoomEffect[] {
    return this.step({
      kind: 'join',
      peer: id(peer),
      role: 'viewer',
      tracks: [],
      rttMs: 0,
      slots: 4,
      network: peer,
      ...options,
    })
  }

  update(
    peer: string,
    path: EdgeChain,
    { slots = 4, freeSlots = slots, lagMs = 0 }: { slots?: number; freeSlots?: number; lagMs?: number } = {},
  ): RoomEffect[] {
    return this.step({ kind: 'update', peer: id(peer), chain: path, freeSlots, slots, lagMs })
  }

  ask(peer: string, options: { exclude?: string[]; isOrphan?: boolean } = {}): readonly Candidate[] {
    const exclude = (options.exclude ?? []).map(id)
    return candidatesFor(
      peer,
      this.step({ kind: 'find-parents', peer: id(peer), exclude, isOrphan: options.isOrphan ?? false }),
    )
  }

  /** An open room with its creator. */
  static live(options: { isDev?: boolean } = {}): Driver {
    const driver = new Driver(options)
    driver.announce()
    driver.join('creator', { role: 'creator', slots: 6, chain: chain(0, 'creator') })
    return driver
  }
}

function candidatesFor(peer: string, effects: readonly RoomEffect[]): readonly Candidate[] {
  for (const effect of effects) {
    if (effect.kind === 'send' && effect.peer === peer && effect.message.kind === 'candidates') {
      return effect.message.candidates
    }
  }
  throw new Error(`no candidates for ${peer} in ${JSON.stringify(effects)}`)
}

const names = (candidates: readonly Candidate[]) => candidates.map(candidate => candidate.peer)

describe('room: joining', () => {
  it('T-JOIN-1 welcomes a peer with the depth cap and the count, and forwards announcements to all but the creator', () => {
    const room = Driver.live()
    expect(room.join('a')).toEqual([{ kind: 'welcome', peer: 'a', depthCap: 8, peers: 2 }])
    expect(room.announce()).toEqual([
      { kind: 'send-all', message: { kind: 'announce', record: RECORD }, except: 'creator' },
    ])
  })

  it('T-JOIN-2 refuses a creator that the stream key has not named', () => {
    const room = new Driver()
    room.announce()
    expect(room.join('liar', { role: 'creator' })).toMatchObject([{ kind: 'expel', code: 'not-creator' }])
    expect(room.core.isMember(id('liar'))).toBe(false)
  })

  it('T-JOIN-3 lets joiners wait for the creator after a restart, and refuses them when it does not come', () => {
    const room = new Driver({ waitsUntilMs: 5_000 })
    expect(room.join('early')).toEqual([])
    expect(room.step({ kind: 'tick' })).toEqual([])
    expect(room.announce()).toMatchObject([{ kind: 'welcome', peer: 'early' }])

    const never = new Driver({ waitsUntilMs: 5_000 })
    never.join('early')
    never.nowMs = 5_000
    expect(never.step({ kind: 'tick' })).toMatchObject([
      { kind: 'expel', peer: 'early', code: 'no-such-stream' },
      { kind: 'forget' },
    ])
  })

  it('T-JOIN-4 a creator that comes back as another peer takes the place of the old one', () => {
    const room = Driver.live()
    const effects = room.join('again', { role: 'creator', slots: 6, chain: chain(0, 'again') })
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'expel', peer: 'creator' }))
    expect(room.core.creator).toBe('again')
    room.join('child')
    room.update('child', chain(100, 'creator', 'child'))
    room.join('asker')
    expect(names(room.ask('asker'))).toEqual(['again'])
  })

  it('T-JOIN-5 forgets an empty room after 30 s and any room after 120 s without an announcement', () => {
    const empty = new Driver()
    empty.announce()
    empty.nowMs += 29_999
    expect(empty.step({ kind: 'tick' })).toEqual([])
    empty.nowMs += 1
    expect(empty.step({ kind: 'tick' })).toEqual([{ kind: 'forget' }])

    const silent = Driver.live()
    silent.join('a')
    silent.nowMs += 119_999
    expect(silent.step({ kind: 'tick' })).not.toContainEqual({ kind: 'forget' })
    silent.nowMs += 1
    expect(silent.step({ kind: 'tick' })).toContainEqual({ kind: 'forget' })
    expect(silent.core.view.peers).toBe(0)
  })
})

describe('room: candidates', () => {
  it('T-CAND-1 names only the creator and peers whose chain was shown', () => {
    const room = Driver.live()
    room.join('unproven', { slots: 4 })
    room.join('proven')
    room.update('proven', chain(100, 'creator', 'proven'))
    room.join('asker')
    expect(names(room.ask('asker')).sort()).toEqual(['creator', 'proven'])
  })

  it('T-CAND-2 takes the depth from the chain', () => {
    const room = Driver.live()
    room.join('deep')
    room.update('deep', chain(100, 'creator', 'x', 'y', 'deep'))
    room.join('asker')
    expect(room.ask('asker').find(candidate => candidate.peer === 'deep')?.depth).toBe(3)
  })

  it('T-CAND-3 drops a peer whose chain ran out in stream time', () => {
    const room = Driver.live()
    room.join('old')
    room.update('old', chain(100, 'creator', 'old'))
    room.join('asker')
    room.nowMs += 97_000
    expect(names(room.ask('asker'))).toContain('old')
    room.nowMs += 2_000
    expect(names(room.ask('asker'))).not.toContain('old')
  })

  it('T-CAND-4 a chain that ends in another peer, or none at all from a viewer, costs candidacy for 10 s', () => {
    for (const lie of [chain(100, 'creator', 'victim'), chain(0, 'liar'), chain(0, 'creator')]) {
      const room = Driver.live()
      room.join('liar')
      room.update('liar', chain(100, 'creator', 'liar'))
      expect(room.update('liar', lie)).toMatchObject([
        { kind: 'send', peer: 'liar', message: { kind: 'refused', code: 'bad-chain' } },
      ])
      room.join('asker')
      room.update('liar', chain(100, 'creator', 'liar'))
      expect(names(room.ask('asker'))).toEqual(['creator'])
      room.nowMs += 10_000
      expect(names(room.ask('asker'))).toContain('liar')
    }
  })

  it('T-CAND-4 a chain whose signatures fail costs candidacy too', () => {
    const room = Driver.live()
    room.join('liar')
    room.update('liar', chain(100, 'creator', 'liar'))
    room.step({ kind: 'bad-chain', peer: id('liar') })
    room.join('asker')
    expect(names(room.ask('asker'))).toEqual(['creator'])
  })

  it('T-CAND-5 never names the asker, what it excludes, or a peer below it', () => {
    const room = Driver.live()
    for (const name of ['asker', 'child', 'other', 'refuser']) room.join(name)
    room.update('asker', chain(100, 'creator', 'asker'))
    room.update('child', chain(100, 'creator', 'asker', 'child'))
    room.update('other', chain(100, 'creator', 'other'))
    room.update('refuser', chain(100, 'creator', 'refuser'))
    expect(names(room.ask('asker', { exclude: ['refuser'], isOrphan: true })).sort()).toEqual([
      'creator',
      'other',
    ])
  })

  it('T-CAND-6 names at most two of one network, and any number with --dev', () => {
    for (const isDev of [false, true]) {
      const room = Driver.live({ isDev })
      for (let index = 0; index < 12; index++) {
        room.join(`p${index}`, { network: '10.1.2.0/24' })
        room.update(`p${index}`, chain(100, 'creator', `p${index}`))
      }
      room.join('asker')
      const same = names(room.ask('asker')).filter(name => name.startsWith('p'))
      if (isDev) expect(same.length).toBeGreaterThan(2)
      else expect(same).toHaveLength(2)
    }
  })

  it('T-CAND-7 keeps a named place for 3 s, so that a crowd is not sent to one peer', () => {
    const room = Driver.live()
    for (let index = 0; index < 6; index++) {
      room.join(`a${index}`, { slots: 0 })
      expect(names(room.ask(`a${index}`))).toEqual(['creator'])
    }
    room.join('late', { slots: 0 })
    expect(room.ask('late')).toEqual([])
    room.nowMs += 2_999
    expect(room.step({ kind: 'tick' }).filter(effect => effect.kind === 'send')).toEqual([])
    room.nowMs += 1
    expect(names(candidatesFor('late', room.step({ kind: 'tick' })))).toEqual(['creator'])
  })

  it('T-CAND-7 gives a kept place back when the asker is proven elsewhere, asks again, or leaves', () => {
    const room = Driver.live()
    for (let index = 0; index < 6; index++) {
      room.join(`a${index}`)
      room.ask(`a${index}`)
    }
    room.join('late', { slots: 0 })
    expect(room.ask('late')).toEqual([])
    const served = room.update('a0', chain(100, 'creator', 'a0'), { slots: 1, freeSlots: 1 })
    expect(names(candidatesFor('late', served))).toContain('creator')
    room.step({ kind: 'leave', peer: id('a1') })
    room.join('later', { slots: 0 })
    expect(names(room.ask('later'))).toContain('creator')
  })

  it('T-CAND-8 stops keeping places for a peer that asks again and again without moving', () => {
    const room = Driver.live()
    room.join('greedy')
    for (let ask = 0; ask < 4; ask++) room.ask('greedy')
    room.join('asker')
    expect(room.ask('asker')[0]?.freeSlots).toBe(6)
  })

  it('T-CAND-9 prefers low depth, round trip and lag', () => {
    const room = Driver.live()
    room.random = () => 0
    room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 0 })
    const chains = {
      near: chain(100, 'creator', 'near'),
      lagging: chain(100, 'creator', 'lagging'),
      far: chain(100, 'creator', 'far'),
      deep: chain(100, 'creator', 'x', 'y', 'deep'),
    }
    room.join('near', { rttMs: 10 })
    room.join('lagging', { rttMs: 10 })
    room.join('far', { rttMs: 160 })
    room.join('deep', { rttMs: 10 })
    for (const [name, path] of Object.entries(chains)) {
      room.update(name, path, { lagMs: name === 'lagging' ? 60 : 0 })
    }
    room.join('asker')
    expect(names(room.ask('asker')).slice(0, 3)).toEqual(['near', 'lagging', 'far'])
  })

  it('T-CAND-10 offers a full peer with displaceable children to a joiner that can forward, not to one that cannot', () => {
    const room = Driver.live()
    room.update('creator', chain(0, 'creator'), { slots: 1, freeSlots: 0 })
    room.join('phone', { slots: 0 })
    room.update('phone', chain(100, 'creator', 'phone'), { slots: 0 })
    room.join('other-phone', { slots: 0 })
    expect(room.ask('other-phone')).toEqual([])
    room.join('desktop', { slots: 4 })
    expect(room.ask('desktop')).toMatchObject([{ peer: 'creator', freeSlots: 0, leaves: 1 }])
  })

  it('T-CAND-11 sends peers without slots to the deepest place', () => {
    const room = Driver.live()
    room.random = () => 0.99
    for (const [index, path] of [['x'], ['x', 'y'], ['x', 'y', 'z']].entries()) {
      const name = path.at(-1) ?? ''
      room.join(name)
      room.update(name, chain(100, 'creator', ...path))
      expect(index).toBeLessThan(3)
    }
    room.join('phone', { slots: 0 })
    expect(names(room.ask('phone'))[0]).toBe('z')
    room.join('desktop')
    expect(names(room.ask('desktop'))[0]).toBe('creator')
  })

  it('T-CAND-12 binds joiners to the depth cap and lets orphans pass it', () => {
    const room = Driver.live()
    room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 0 })
    const path = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'deep']
    room.join('deep')
    room.update('deep', chain(100, 'creator', ...path))
    room.join('asker')
    expect(room.ask('asker')).toEqual([])
    expect(names(room.ask('asker', { isOrphan: true }))).toEqual(['deep'])
  })

  it('T-CAND-13 a claim of many slots is believed only as far as proven children show', () => {
    const room = Driver.live()
    room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 0 })
    room.join('boaster', { role: 'relay' })
    room.update('boaster', chain(100, 'creator', 'boaster'), { slots: 1_000, freeSlots: 1_000 })
    const served = ['a', 'b', 'c', 'd', 'e'].filter(name => {
      room.join(name, { slots: 0 })
      return room.ask(name).length > 0
    })
    expect(served).toEqual(['a', 'b', 'c', 'd'])
    room.update('a', chain(100, 'creator', 'boaster', 'a'), { slots: 0 })
    room.join('f', { slots: 0 })
    expect(room.ask('f')).toHaveLength(1)
  })

  it('T-CAND-14 answers a peer that found nothing as soon as a place opens', () => {
    const room = Driver.live()
    room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 0 })
    room.join('asker')
    expect(room.ask('asker')).toEqual([])
    expect(
      names(candidatesFor('asker', room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 1 }))),
    ).toEqual(['creator'])
  })

  it('T-CAND-14 a peer that nothing fits does not hold the others up', () => {
    const room = Driver.live()
    room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 0 })
    for (let index = 0; index < 20; index++) {
      room.join(`picky${index}`)
      room.ask(`picky${index}`, { exclude: ['creator'] })
    }
    room.join('asker')
    room.ask('asker')
    room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 6 })
    const effects = [1, 2, 3].flatMap(() => {
      room.nowMs += 250
      return room.step({ kind: 'tick' })
    })
    expect(names(candidatesFor('asker', effects))).toEqual(['creator'])
  })

  it('T-CAND-15 names nobody who lacks a track that the asker takes', () => {
    const room = Driver.live()
    room.join('small', { tracks: [2, 9] })
    room.update('small', chain(100, 'creator', 'small'))
    room.join('asker', { tracks: [1, 9] })
    expect(names(room.ask('asker'))).toEqual(['creator'])
    room.join('thrifty', { tracks: [2] })
    expect(names(room.ask('thrifty'))).toContain('small')
  })
})

describe('room: signals and stats', () => {
  const signal = { payload: new Uint8Array(8), signature: new Uint8Array(64) }

  it('T-SIGNAL-1 forwards between members only', () => {
    const room = Driver.live()
    room.join('a')
    expect(room.step({ kind: 'signal', peer: id('a'), to: id('creator'), signal })).toEqual([
      { kind: 'send', peer: 'creator', message: { kind: 'signal', to: 'creator', signal } },
    ])
    expect(room.step({ kind: 'signal', peer: id('a'), to: id('stranger'), signal })).toEqual([])
    expect(room.step({ kind: 'signal', peer: id('stranger'), to: id('a'), signal })).toEqual([])
  })

  it('T-SIGNAL-2 bounds what a crowd can send to one peer', () => {
    const room = Driver.live()
    room.join('a')
    const send = () => room.step({ kind: 'signal', peer: id('a'), to: id('creator'), signal }).length
    const sent = Array.from({ length: 500 }, send).reduce((sum, count) => sum + count, 0)
    expect(sent).toBe(400)
    room.nowMs += 1_000
    expect(Array.from({ length: 500 }, send).reduce((sum, count) => sum + count, 0)).toBe(100)
  })

  it('T-STATS-1 says the room at most every 2 s when it changed, and every 10 s when not', () => {
    const room = Driver.live()
    const said = () => room.step({ kind: 'tick' }).filter(effect => effect.kind === 'send-all').length
    expect(said()).toBe(1)
    room.join('a')
    room.nowMs += 1_999
    expect(said()).toBe(0)
    room.nowMs += 1
    expect(said()).toBe(1)
    room.nowMs += 9_999
    expect(said()).toBe(0)
    room.nowMs += 1
    expect(said()).toBe(1)
  })

  it('T-STATS-2 caps depth at max(8, ⌈log2 N⌉ + 4)', () => {
    expect([0, 1, 16, 17, 100, 1_000, 1_000_000].map(depthCap)).toEqual([8, 8, 8, 9, 11, 14, 24])
  })
})

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
          const room = Driver.live()
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
