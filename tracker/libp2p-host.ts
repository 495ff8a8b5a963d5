import 'core-js/actual/promise/with-resolvers.js'
import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p, PubSub } from '@libp2p/interface'
import { createLibp2p } from 'libp2p'
import { directoryGossipOptions } from './directory-gossip.ts'
import { fixLibp2pScaling } from './fix-libp2p-scaling.ts'
import { fixYamuxChatter } from './fix-yamux-chatter.ts'
import { noiseCrypto } from './noise-crypto.ts'
import { silentComponentLogger, silentLog } from './silent-log.ts'
import { SocketTransport } from './socket-transport.ts'

/** Rooms of one peer, the directory, gossip both ways, identify, and room to reconnect before the old ones end. */
const STREAMS_PER_CONNECTION_MAX = 32
/** yamux's smallest. */
const STREAM_WINDOW_BYTES = 256 * 1024
/** A stream whose other side does not answer holds up gossipsub's queue for all. */
const NEGOTIATION_TIMEOUT_MS = 2_000
/** Four round trips, from the far side of the world and over a bad line. */
const HANDSHAKE_TIMEOUT_MS = 5_000
/** Every address is allowed here: peer-limits.ts counts them, by network and not by host. */
const EVERYWHERE = ['/ip4/0.0.0.0/ipcidr/0', '/ip6/::/ipcidr/0']

const makeYamux = yamux({
  // Our sockets have a heartbeat of their own (socket-transport.ts), one timer for all.
  enableKeepAlive: false,
  maxInboundStreams: STREAMS_PER_CONNECTION_MAX,
  // Does not grow: no honest message is a tenth of it.
  maxStreamWindowSize: STREAM_WINDOW_BYTES,
})

export type Libp2pHost = {
  readonly node: Libp2p<{ pubsub: PubSub }>
  readonly transport: SocketTransport
}

/** A libp2p node that is started and takes its connections from `transport.upgrade`. `seed`: 32 bytes, Ed25519. */
export async function startLibp2pHost(seed: Uint8Array, connectionsMax: number): Promise<Libp2pHost> {
  let transport: SocketTransport | undefined
  const node = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    logger: silentComponentLogger,
    transports: [
      components => {
        transport = new SocketTransport(components.upgrader, silentLog)
        return transport
      },
    ],
    connectionEncrypters: [noise({ crypto: noiseCrypto })],
    streamMuxers: [components => fixYamuxChatter(makeYamux(components))],
    connectionManager: {
      maxConnections: connectionsMax,
      allow: EVERYWHERE,
      inboundUpgradeTimeout: HANDSHAKE_TIMEOUT_MS,
      inboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIMEOUT_MS,
      outboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIMEOUT_MS,
    },
    connectionMonitor: { enabled: false },
    services: {
      // Answers who asks; a viewer does not, which saves it and us two streams and a signature.
      identify: identify({ runOnConnectionOpen: false }),
      scaling: fixLibp2pScaling(),
      pubsub: gossipsub(directoryGossipOptions(connectionsMax)),
    },
  })
  if (transport === undefined) throw new Error('libp2p did not make its transport')
  return { node, transport }
}
