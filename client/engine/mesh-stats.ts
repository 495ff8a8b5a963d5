import type { PeerView } from '../../shared/overlay/peer-core.ts'
import { chainDepth, chainPath } from '../../shared/protocol/edge-chain.ts'
import type { PeerId } from '../../shared/protocol/ids.ts'
import type { MeshStats } from './events.ts'
import type { FanOut } from './fan-out.ts'
import { linkInfo } from './link-info.ts'
import type { MediaPath } from './media-path.ts'
import type { MeshRoom } from './mesh-room.ts'
import type { Neighbours } from './neighbours.ts'

export type MeshParts = {
  readonly self: PeerId
  readonly view: PeerView
  readonly room: MeshRoom
  readonly neighbours: Neighbours
  readonly children: FanOut
  readonly media: MediaPath
  /** Messages and media that failed a check. */
  readonly rejected: number
  readonly nowMs: number
}

/** How one peer of the mesh is doing, from what its parts count. */
export function meshStats(parts: MeshParts): MeshStats {
  const { self, view, room, neighbours, children, media, rejected, nowMs } = parts
  const { chain, slots } = view
  return {
    self,
    depth: chain === undefined ? undefined : chainDepth(chain),
    path: chain === undefined ? [] : chainPath(chain),
    links: neighbours.all().map(link => linkInfo(link, view, children, nowMs)),
    peers: room.peers,
    slots,
    isTrackerConnected: room.port.isConnected,
    framesReceived: media.framesReceived,
    framesForwarded: media.framesForwarded,
    framesDropped: children.droppedFrames,
    framesRejected: rejected,
    bytesReceived: neighbours.bytesReceived,
    bytesSent: neighbours.bytesSent,
    behindLiveMs: media.behindLiveMs,
  }
}
