import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PeerId } from '../../../shared/protocol/ids.ts'
import type { PeerConnection } from '../ports.ts'
import { Link } from './link.ts'

/** simple-peer as far as a Link looks at it; the test opens its channels in the order it likes. */
class FakePeer extends EventEmitter {
  readonly channels: { onopen?: () => void }[] = []
  destroyed = false
  readonly _pc = {
    createDataChannel: () => {
      const channel = {}
      this.channels.push(channel)
      return channel
    },
  }

  destroy(): void {
    this.destroyed = true
  }

  /** simple-peer says `connect` late: it first asks for its candidate pair. */
  openAll(): void {
    for (const channel of this.channels) channel.onopen?.()
    this.emit('connect')
  }
}

afterEach(() => {
  vi.useRealTimers()
})

function makeLink() {
  const peer = new FakePeer()
  const link = new Link(peer as unknown as PeerConnection, 'remote' as PeerId, true)
  const received: number[][] = []
  // As Dialer and MeshPeer do: who listens to `control` comes into being with `open`.
  link.on('open', () => link.on('control', bytes => received.push([...bytes])))
  return { peer, link, received }
}

describe('link', () => {
  it('O-HELLO-1 what the other side says before this side is open waits, in order', () => {
    const { peer, received } = makeLink()
    peer.emit('data', Uint8Array.of(1))
    peer.emit('data', Uint8Array.of(2))
    peer.openAll()
    peer.emit('data', Uint8Array.of(3))
    expect(received).toEqual([[1], [2], [3]])
  })

  it('O-HELLO-1 more than a few messages before it is open closes the link', () => {
    const { peer, received } = makeLink()
    for (let count = 0; count < 9; count++) peer.emit('data', Uint8Array.of(count))
    expect(peer.destroyed).toBe(true)
    peer.openAll()
    expect(received).toEqual([])
  })
  it('O-DIAL-7 a link that is left is cut only after the other side had time to fall silent', () => {
    vi.useFakeTimers()
    const { peer, link, received } = makeLink()
    const closed: string[] = []
    link.on('close', ({ reason }) => closed.push(reason))
    peer.openAll()
    link.close('left')
    expect(closed).toEqual(['left'])
    expect(link.isOpen).toBe(false)
    expect(link.sendMedia(Uint8Array.of(1))).toBe(false)
    peer.emit('data', Uint8Array.of(1))
    expect(received).toEqual([])
    expect(peer.destroyed).toBe(false)
    vi.advanceTimersByTime(1_000)
    expect(peer.destroyed).toBe(true)
  })

  it('O-DIAL-7 a dial that is given up is cut at once', () => {
    const { peer, link } = makeLink()
    link.close('given up')
    expect(peer.destroyed).toBe(true)
  })
})
