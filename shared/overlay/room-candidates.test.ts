import { describe, expect, it } from 'vitest'
import { candidatesFor, chain, id, names, RoomDriver } from './testing/room-driver.ts'

describe('room: candidates', () => {
  it('T-CAND-1 names only the creator and peers whose chain was shown', () => {
    const room = RoomDriver.live()
    room.join('unproven', { slots: 4 })
    room.join('proven')
    room.update('proven', chain(100, 'creator', 'proven'))
    room.join('asker')
    expect(names(room.ask('asker')).sort()).toEqual(['creator', 'proven'])
  })

  it('T-CAND-2 takes the depth from the chain', () => {
    const room = RoomDriver.live()
    room.join('deep')
    room.update('deep', chain(100, 'creator', 'x', 'y', 'deep'))
    room.join('asker')
    expect(room.ask('asker').find(candidate => candidate.peer === 'deep')?.depth).toBe(3)
  })

  it('T-CAND-3 drops a peer whose chain ran out in stream time', () => {
    const room = RoomDriver.live()
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
      const room = RoomDriver.live()
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
    const room = RoomDriver.live()
    room.join('liar')
    room.update('liar', chain(100, 'creator', 'liar'))
    room.step({ kind: 'bad-chain', peer: id('liar') })
    room.join('asker')
    expect(names(room.ask('asker'))).toEqual(['creator'])
  })

  it('T-CAND-5 never names the asker, what it excludes, or a peer below it', () => {
    const room = RoomDriver.live()
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
      const room = RoomDriver.live({ isDev })
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
    const room = RoomDriver.live()
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
    const room = RoomDriver.live()
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
    const room = RoomDriver.live()
    room.join('greedy')
    for (let ask = 0; ask < 4; ask++) room.ask('greedy')
    room.join('asker')
    expect(room.ask('asker')[0]?.freeSlots).toBe(6)
  })

  it('T-CAND-17 keeps no place for a peer that has a parent, unless it is an orphan', () => {
    const room = RoomDriver.live()
    room.join('settled')
    room.update('settled', chain(100, 'creator', 'settled'), { slots: 4, freeSlots: 0 })
    const openAtCreator = (): number => {
      room.join('asker')
      const candidate = room.ask('asker').find(({ peer }) => peer === 'creator')
      room.step({ kind: 'leave', peer: id('asker') })
      return candidate?.freeSlots ?? 0
    }
    room.ask('settled')
    expect(openAtCreator()).toBe(6)
    room.ask('settled', { isOrphan: true })
    expect(openAtCreator()).toBe(5)
  })

  it('T-CAND-9 prefers low depth, round trip and lag', () => {
    const room = RoomDriver.live()
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
    const room = RoomDriver.live()
    room.update('creator', chain(0, 'creator'), { slots: 1, freeSlots: 0 })
    room.join('phone', { slots: 0 })
    room.update('phone', chain(100, 'creator', 'phone'), { slots: 0 })
    room.join('other-phone', { slots: 0 })
    expect(room.ask('other-phone')).toEqual([])
    room.join('desktop', { slots: 4 })
    expect(room.ask('desktop')).toMatchObject([{ peer: 'creator', freeSlots: 0, leaves: 1 }])
  })

  it('T-CAND-11 sends peers without slots to the deepest place', () => {
    const room = RoomDriver.live()
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
    const room = RoomDriver.live()
    room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 0 })
    const path = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'deep']
    room.join('deep')
    room.update('deep', chain(100, 'creator', ...path))
    room.join('asker')
    expect(room.ask('asker')).toEqual([])
    expect(names(room.ask('asker', { isOrphan: true }))).toEqual(['deep'])
  })

  it('T-CAND-13 a claim of many slots is believed only as far as proven children show', () => {
    const room = RoomDriver.live()
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
    const room = RoomDriver.live()
    room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 0 })
    room.join('asker')
    expect(room.ask('asker')).toEqual([])
    expect(
      names(candidatesFor('asker', room.update('creator', chain(0, 'creator'), { slots: 6, freeSlots: 1 }))),
    ).toEqual(['creator'])
  })

  it('T-CAND-14 a peer that nothing fits does not hold the others up', () => {
    const room = RoomDriver.live()
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
    const room = RoomDriver.live()
    room.join('small', { tracks: [2, 9] })
    room.update('small', chain(100, 'creator', 'small'))
    room.join('asker', { tracks: [1, 9] })
    expect(names(room.ask('asker'))).toEqual(['creator'])
    room.join('thrifty', { tracks: [2] })
    expect(names(room.ask('thrifty'))).toContain('small')
  })
})
