import type { PeerConnectionFactory } from '../../client/engine/ports.ts'

/** What reaches simple-peer on one side: everything that passed the checks before it. */
export class WebRtcLog {
  created = 0
  readonly signals: { readonly type?: string; readonly sdp?: string; readonly candidate?: unknown }[] = []

  wrap(createPeer: PeerConnectionFactory): PeerConnectionFactory {
    return options => {
      this.created += 1
      const peer = createPeer(options)
      const signal = peer.signal.bind(peer)
      peer.signal = data => {
        this.signals.push(data as WebRtcLog['signals'][number])
        signal(data)
      }
      return peer
    }
  }

  get sdps(): string[] {
    return this.signals.flatMap(({ sdp }) => (sdp === undefined ? [] : [sdp]))
  }
}
