import { describe, expect, it } from 'vitest'
import { HandshakeQueue } from './handshake-queue.ts'

describe('handshake queue', () => {
  it('T-COST-3 runs so many at once, the others in order, and refuses past its bound', () => {
    const queue = new HandshakeQueue({ atOnce: 2, waitingMax: 2 })
    const started: string[] = []
    const leaves: (() => void)[] = []
    const enter = (name: string) =>
      queue.enter(leave => {
        started.push(name)
        leaves.push(leave)
      })
    expect(['a', 'b', 'c', 'd', 'e'].map(enter)).toEqual([true, true, true, true, false])
    expect(started).toEqual(['a', 'b'])
    leaves[0]?.()
    leaves[0]?.()
    expect(started).toEqual(['a', 'b', 'c'])
    leaves[1]?.()
    leaves[2]?.()
    leaves[3]?.()
    expect(started).toEqual(['a', 'b', 'c', 'd'])
    expect(enter('f')).toBe(true)
    expect(started.at(-1)).toBe('f')
  })

  it('T-COST-3 goes on past many that are gone when their turn comes', () => {
    const queue = new HandshakeQueue({ atOnce: 1, waitingMax: 20_000 })
    let leaveFirst = (): void => {}
    queue.enter(leave => {
      leaveFirst = leave
    })
    for (let count = 0; count < 20_000; count++) queue.enter(leave => leave())
    let isServed = false
    leaveFirst()
    queue.enter(leave => {
      isServed = true
      leave()
    })
    expect(isServed).toBe(true)
  })
})
