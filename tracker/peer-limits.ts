import type { PeerId } from '../shared/protocol/ids.ts'
import type { Clock } from './clock.ts'
import { KeyedBuckets, KeyedCounts } from './keyed-limits.ts'
import {
  API_PER_SITE,
  CONNECTIONS_PER_SITE_HARD_MAX,
  CONNECTIONS_PER_SITE_MAX,
  CONNECTS_PER_SITE,
  JOINS_PER_SITE,
  LISTS_PER_SITE,
  NEW_STREAMS_PER_PEER,
  NEW_STREAMS_PER_SITE,
  PICTURES_GOT,
} from './limits.ts'
import type { NetworkAddress } from './network-address.ts'

/** What peers may do before anything is known of them but where they come from. Loopback is free with --dev. */
export class PeerLimits {
  readonly rooms = new KeyedCounts()
  readonly #connections = new KeyedCounts()
  readonly #connects = new KeyedBuckets(CONNECTS_PER_SITE)
  readonly #joins = new KeyedBuckets(JOINS_PER_SITE)
  readonly #lists = new KeyedBuckets(LISTS_PER_SITE)
  readonly #pictures = new KeyedBuckets(PICTURES_GOT)
  readonly #api = new KeyedBuckets(API_PER_SITE)
  readonly #newStreamsOfPeer = new KeyedBuckets(NEW_STREAMS_PER_PEER)
  readonly #newStreamsOfSite = new KeyedBuckets(NEW_STREAMS_PER_SITE)
  readonly #clock: Clock
  readonly #isDev: boolean

  constructor(options: { readonly clock: Clock; readonly isDev: boolean }) {
    this.#clock = options.clock
    this.#isDev = options.isDev
  }

  /** Counts the connection until the returned function is called; undefined when there are too many. */
  connect(address: NetworkAddress): (() => void) | undefined {
    const { site } = address
    if (!this.#isExempt(address)) {
      if (this.#connections.of(site) >= CONNECTIONS_PER_SITE_HARD_MAX) return undefined
      if (!this.#connects.take(site, this.#clock.nowMs())) return undefined
    }
    this.#connections.add(site)
    let isCounted = true
    return () => {
      if (isCounted) this.#connections.remove(site)
      isCounted = false
    }
  }

  /** Let in, to be told why it must go. */
  isOverConnections(address: NetworkAddress): boolean {
    return !this.#isExempt(address) && this.#connections.of(address.site) > CONNECTIONS_PER_SITE_MAX
  }

  mayJoin(address: NetworkAddress): boolean {
    return this.#may(this.#joins, address)
  }

  mayList(address: NetworkAddress): boolean {
    return this.#may(this.#lists, address)
  }

  mayGetPicture(address: NetworkAddress): boolean {
    return this.#may(this.#pictures, address)
  }

  /** An HTTP request. */
  mayAsk(address: NetworkAddress): boolean {
    return this.#may(this.#api, address)
  }

  mayOpenStream(peer: PeerId, address: NetworkAddress): boolean {
    const isFree = this.#isExempt(address) || this.#newStreamsOfPeer.take(peer, this.#clock.nowMs())
    return isFree && this.mayOpenStreamFrom(address)
  }

  mayOpenStreamFrom(address: NetworkAddress): boolean {
    return this.#may(this.#newStreamsOfSite, address)
  }

  #may(buckets: KeyedBuckets, address: NetworkAddress): boolean {
    return this.#isExempt(address) || buckets.take(address.site, this.#clock.nowMs())
  }

  #isExempt(address: NetworkAddress): boolean {
    return this.#isDev && address.isLoopback
  }
}
