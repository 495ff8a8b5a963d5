import wrtc from '@roamhq/wrtc'
import SimplePeer from 'simple-peer'
import { CONTROL_CHANNEL_ID } from '../engine/net/link.ts'
import type { PeerConnection, PeerConnectionFactory } from '../engine/ports.ts'

/** WebRTC in Node: the same simple-peer over @roamhq/wrtc. `iceServers` is always passed on, also when empty. */
export const createNodePeer: PeerConnectionFactory = ({ initiator, iceServers }) =>
  new SimplePeer({
    initiator,
    trickle: true,
    channelName: 'control',
    channelConfig: { negotiated: true, id: CONTROL_CHANNEL_ID },
    config: { iceServers: [...iceServers] },
    wrtc,
  }) as unknown as PeerConnection
