import { describe, expect, it } from 'vitest'
import { depthCap } from './room-core.ts'
import { chain, id, names, RECORD, RoomDriver } from './testing/room-driver.ts'

describe('room: joining', () => {
  it('T-JOIN-1 welcomes a peer with the depth cap and the count, and forwards announcements to all but the creator', () => {
    const room = RoomDriver.live()
    expect(room.join('a')).toEqual([{ kind: 'welcome', peer: 'a', depthCap: 8, peers: 2 }])
    expect(room.announce()).toEqual([
      { kind: 'send-all', message: { kind: 'announce', record: RECORD }, except: 'creator' },
    ])
  })

  it('T-JOIN-2 refuses a creator that the stream key has not named', () => {
    const room = new RoomDriver()
    room.announce()
    expect(room.join('liar', { role: 'creator' })).toMatchObject([{ kind: 'expel', code: 'not-creator' }])
    expect(room.core.isMember(id('liar'))).toBe(false)
  })

  it('T-JOIN-3 lets joiners wait for the creator after a restart, and refuses them when it does not come', () => {
    const room = new RoomDriver({ waitsUntilMs: 5_000 })
    expect(room.join('early')).toEqual([])
    expect(room.step({ kind: 'tick' })).toEqual([])
    expect(room.announce()).toMatchObject([{ kind: 'welcome', peer: 'early' }])

    const never = new RoomDriver({ waitsUntilMs: 5_000 })
    never.join('early')
    never.nowMs = 5_000
    expect(never.step({ kind: 'tick' })).toMatchObject([
      { kind: 'expel', peer: 'early', code: 'no-such-stream' },
      { kind: 'forget' },
    ])
  })

  it('T-JOIN-4 a creator that comes back as another peer takes the place of the old one', () => {
    const room = RoomDriver.live()
    const effects = room.join('again', { role: 'creator', slots: 6, chain: chain(0, 'again') })
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'expel', peer: 'creator' }))
    expect(room.core.creator).toBe('again')
    room.join('child')
    room.update('child', chain(100, 'creator', 'child'))
    room.join('asker')
    expect(names(room.ask('asker'))).toEqual(['again'])
  })

  it('T-JOIN-5 forgets an empty room after 30 s and any room after 120 s without an announcement', () => {
    const empty = new RoomDriver()
    empty.announce()
    empty.nowMs += 29_999
    expect(empty.step({ kind: 'tick' })).toEqual([])
    empty.nowMs += 1
    expect(empty.step({ kind: 'tick' })).toEqual([{ kind: 'forget' }])

    const silent = RoomDriver.live()
    silent.join('a')
    silent.nowMs += 119_999
    expect(silent.step({ kind: 'tick' })).not.toContainEqual({ kind: 'forget' })
    silent.nowMs += 1
    expect(silent.step({ kind: 'tick' })).toContainEqual({ kind: 'forget' })
    expect(silent.core.view.peers).toBe(0)
  })
})

describe('room: signals and stats', () => {
  const signal = { payload: new Uint8Array(8), signature: new Uint8Array(64) }

  it('T-SIGNAL-1 forwards between members only', () => {
    const room = RoomDriver.live()
    room.join('a')
    expect(room.step({ kind: 'signal', peer: id('a'), to: id('creator'), signal })).toEqual([
      { kind: 'send', peer: 'creator', message: { kind: 'signal', to: 'creator', signal } },
    ])
    expect(room.step({ kind: 'signal', peer: id('a'), to: id('stranger'), signal })).toEqual([])
    expect(room.step({ kind: 'signal', peer: id('stranger'), to: id('a'), signal })).toEqual([])
  })

  it('T-SIGNAL-2 bounds what a crowd can send to one peer', () => {
    const room = RoomDriver.live()
    room.join('a')
    const send = () => room.step({ kind: 'signal', peer: id('a'), to: id('creator'), signal }).length
    const sent = Array.from({ length: 500 }, send).reduce((sum, count) => sum + count, 0)
    expect(sent).toBe(400)
    room.nowMs += 1_000
    expect(Array.from({ length: 500 }, send).reduce((sum, count) => sum + count, 0)).toBe(100)
  })

  it('T-STATS-1 says the room at most every 2 s when it changed, and every 10 s when not', () => {
    const room = RoomDriver.live()
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
