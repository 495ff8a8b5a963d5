import type { PeerView } from '../../shared/overlay/peer-core.ts'
import type { LinkInfo } from './events.ts'
import type { FanOut } from './fan-out.ts'
import type { PeerLink } from './peer-link.ts'

/** One open link as a user sees it. */
export function linkInfo(link: PeerLink, view: PeerView, children: FanOut, nowMs: number): LinkInfo {
  const feed = children.feedOf(link.peer)
  let relation: LinkInfo['relation'] = 'other'
  if (link.peer === view.parent) relation = 'parent'
  else if (feed !== undefined) relation = 'child'
  else if (link.peer === view.warm) relation = 'warm'
  return {
    peer: link.peer,
    relation,
    rttMs: link.rttMs,
    queueDelayMs: feed?.queueDelayMs(nowMs) ?? 0,
    bytesSent: link.link.bytesSent,
    bytesReceived: link.link.bytesReceived,
    dropped: feed?.droppedFrames ?? 0,
  }
}
