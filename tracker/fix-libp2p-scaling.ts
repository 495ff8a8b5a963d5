import type { Connection, PeerId, PeerStore, Startable } from '@libp2p/interface'
import { ROOM_PROTOCOL } from '../shared/protocol/room-message.ts'

/** What the fixes touch of libp2p's components. */
type Components = {
  readonly connectionManager: {
    getConnections(peer?: PeerId): Connection[]
    readonly connectionPruner?: { stop(): void }
  }
  readonly peerStore: PeerStore
  readonly events: {
    addEventListener(name: 'peer:disconnect', listener: (event: CustomEvent<PeerId>) => void): void
  }
}

/** After a disconnect libp2p itself still reads the entry. */
const FORGET_PEER_AFTER_MS = 5_000

/** A libp2p service that does nothing but mend, at the start, what libp2p 2.10 does badly for a hub of thousands. */
export function fixLibp2pScaling() {
  return (components: Components): Startable => {
    fixPeerStoreGrowth(components)
    return { start() {}, afterStart: () => fixQuadraticConnections(components), stop() {} }
  }
}

/**
 * The pruner asks at each new connection for the list of all, which is copied once per peer on the way: n² for a list
 * of n. How many there may be is decided before the handshake (tracker.ts), so that there is nothing to prune.
 */
function fixQuadraticConnections({ connectionManager }: Components): void {
  connectionManager.connectionPruner?.stop()
}

/**
 * Each stream writes its protocol into the peer store, and each peer ever seen stays there. Nobody asks who speaks
 * the room protocol, and a peer that is gone is of no interest.
 */
function fixPeerStoreGrowth({ connectionManager, peerStore, events }: Components): void {
  const merge = peerStore.merge.bind(peerStore)
  peerStore.merge = (id, data, options) => {
    const isRoomOnly = data.protocols?.length === 1 && data.protocols[0] === ROOM_PROTOCOL
    // The result goes unread where a connection merges its protocol.
    return isRoomOnly && Object.keys(data).length === 1
      ? Promise.resolve({ id, addresses: [], protocols: [], metadata: new Map(), tags: new Map() })
      : merge(id, data, options)
  }
  events.addEventListener('peer:disconnect', ({ detail: peer }) => {
    const forget = (): void => {
      if (connectionManager.getConnections(peer).length === 0) peerStore.delete(peer).catch(() => {})
    }
    setTimeout(forget, FORGET_PEER_AFTER_MS).unref()
  })
}
