import type { TokenRule } from '../shared/overlay/room-token-bucket.ts'

/** What one tracker takes from strangers. Each has its reason; wire sizes are in shared/protocol/limits.ts. */

/** 200 users behind one NAT (a school, an office), a few with a second tab. */
export const CONNECTIONS_PER_SITE_MAX = 256
/** Between that and this a peer is still told why; past it the upgrade is answered 429, which costs no handshake. */
export const CONNECTIONS_PER_SITE_HARD_MAX = 320
/** Those 200 come back within seconds of a restart, and some of them twice. */
export const CONNECTS_PER_SITE: TokenRule = { burst: 600, perSecond: 5 }
/** A join may cost a chain and an announcement to verify: as many as connects. */
export const JOINS_PER_SITE: TokenRule = { burst: 600, perSecond: 5 }
/** Two streams watched, one broadcast and one relayed, and as many again that have not ended yet. */
export const ROOMS_PER_PEER_MAX = 8
/** And one without a room, for pictures, while another is closing. */
export const ROOM_STREAMS_PER_CONNECTION_MAX = ROOMS_PER_PEER_MAX + 2
/** A peer dials 12 at most, 13 signals each, and answers as many; then a handful a second. */
export const MESSAGES_PER_STREAM: TokenRule = { burst: 400, perSecond: 50 }
/** Each may cost up to 32 signature checks. What comes sooner is kept, the newest only. */
export const UPDATES_PER_MEMBER: TokenRule = { burst: 8, perSecond: 2 }
/** Every 10 s, and at once when the status changes. */
export const ANNOUNCEMENTS_PER_CREATOR: TokenRule = { burst: 5, perSecond: 0.5 }
/** A new one every few seconds, when the announcement names it. */
export const PICTURES_PUT: TokenRule = { burst: 3, perSecond: 0.5 }
/** A screen of cards, and the next one. */
export const PICTURES_GOT: TokenRule = { burst: 100, perSecond: 20 }
/** At 24 KiB each this is 48 MiB. */
export const PICTURES_MAX = 2_000
/** One a minute (DESIGN §4), with the second try of somebody who began anew at once. */
export const NEW_STREAMS_PER_PEER: TokenRule = { burst: 3, perSecond: 1 / 60 }
/** A class of 30 that goes live together. */
export const NEW_STREAMS_PER_SITE: TokenRule = { burst: 40, perSecond: 1 / 6 }
/** An entry is about 5 kB. */
export const STREAMS_MAX = 10_000
/** Joiners of a stream that nobody has announced yet wait this long after a start: creators come back within it. */
export const RESTART_GRACE_MS = 5_000
/** Announcements that one neighbour may push by gossip: a Studio sends one in 10 s. */
export const GOSSIP_PER_PEER: TokenRule = { burst: 20, perSecond: 1 }
/** An announcement costs 0.1 to 0.3 ms to verify: at most about a tenth of a core (DESIGN §4). */
export const GOSSIP_CHECKS: TokenRule = { burst: 400, perSecond: 400 }
/** The list of what is live, 200 kB at its longest. */
export const LISTS_PER_SITE: TokenRule = { burst: 60, perSecond: 2 }
/** HTTP API requests of one site. */
export const API_PER_SITE: TokenRule = { burst: 300, perSecond: 20 }
/** Bytes waiting for a peer that does not read: a full list of candidates for every second it was silent. */
export const UNSENT_MAX_BYTES = 256 * 1024
/** Sites remembered at once by each of the counts above. */
export const SITES_MAX = 50_000
/** A creator's clock that is further off is told so (DESIGN §3). */
export const CLOCK_OFF_MAX_MS = 600_000
