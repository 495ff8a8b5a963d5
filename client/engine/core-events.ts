import type { PeerEvent } from '../../shared/overlay/peer-core.ts'
import { chainTip, type EdgeChain, extendChain } from '../../shared/protocol/edge-chain.ts'
import type { PeerId } from '../../shared/protocol/ids.ts'
import type { PeerMessage } from '../../shared/protocol/peer-message.ts'

/** What a peer's message means to the overlay core. */
export type Meaning =
  | { readonly kind: 'event'; readonly event: PeerEvent }
  /** The chain must be verified first; `unproven` is what it means if it is not (undefined: the sender lies). */
  | {
      readonly kind: 'check'
      readonly chain: EdgeChain
      readonly proven: PeerEvent
      readonly unproven: PeerEvent | undefined
    }
  | { readonly kind: 'lie' }
  | { readonly kind: 'none' }

/** Translates, and checks what needs no signature: that a chain is the sender's, and an edge is for us. */
export function meaningOf(message: PeerMessage, peer: PeerId, self: PeerId): Meaning {
  switch (message.kind) {
    case 'attach': {
      const { role, tracks, slots, subtree, resume, isOrphan, chain } = message
      const event = { kind: 'attach', peer, role, tracks, slots, subtree, resume, isOrphan } as const
      if (chain === undefined || chainTip(chain) !== peer) return { kind: 'event', event }
      return { kind: 'check', chain, proven: { ...event, chain }, unproven: event }
    }
    case 'accept':
    case 'path': {
      if (chainTip(message.chain) !== peer || message.edge.child !== self) return { kind: 'lie' }
      const chain = extendChain(message.chain, message.edge)
      return { kind: 'check', chain, proven: { kind: message.kind, peer, chain }, unproven: undefined }
    }
    case 'refuse':
      return {
        kind: 'event',
        event: { kind: 'refuse', peer, code: message.code, alternatives: message.alternatives },
      }
    case 'stalled':
      return { kind: 'event', event: { kind: 'stalled', peer, newest: message.newest } }
    case 'hand-over':
      return { kind: 'event', event: { kind: 'hand-over', peer, to: message.to, withinMs: message.withinMs } }
    case 'leave':
      return { kind: 'event', event: { kind: 'leave', peer, code: message.code } }
    case 'feedback':
      return {
        kind: 'event',
        event: { kind: 'child-update', peer, slots: message.slots, subtree: message.subtree },
      }
    // Carried out elsewhere (ack, announce, hello, ping, pong, up, down), or known on the wire and acted on by later
    // behaviour: warm-parent repair, life without a tracker.
    case 'ack':
    case 'announce':
    case 'hello':
    case 'ping':
    case 'pong':
    case 'have':
    case 'pull':
    case 'up':
    case 'down':
    case 'peer-records':
      return { kind: 'none' }
  }
}
