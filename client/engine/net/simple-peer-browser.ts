import SimplePeer from 'simple-peer'
import type { PeerConnection, PeerConnectionFactory } from '../ports.ts'
import { CONTROL_CHANNEL_ID } from './link.ts'

/** The browser's own WebRTC. `iceServers` is always passed on: simple-peer's default would ask a stranger's server. */
export const createBrowserPeer: PeerConnectionFactory = ({ initiator, iceServers }) =>
  new SimplePeer({
    initiator,
    trickle: true,
    channelName: 'control',
    channelConfig: { negotiated: true, id: CONTROL_CHANNEL_ID },
    config: { iceServers: [...iceServers] },
  }) as unknown as PeerConnection
