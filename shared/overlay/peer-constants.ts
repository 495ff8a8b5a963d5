import { EDGE_VALID_S } from '../protocol/limits.ts'

/** Every number of the peer core (docs/spec/overlay.md), with its reason. Units in the names. */

/** A dial that takes longer lost its signals or cannot cross the two NATs: another candidate is quicker (DESIGN §5). */
export const DIAL_TIMEOUT_MS = 2_000
/** The shell reports a failed dial by itself; this much later the core stops waiting for it and for the Hello. */
export const DIAL_GUARD_MS = 2_500
/** The other side's dial takes at most its 2 s, its Hello at most 2 s more. */
export const ANSWER_GUARD_MS = 4_500
/** One becomes parent, the other warm parent (DESIGN §5). */
export const PARALLEL_TRIES = 2
/** An honest answer to Attach takes one round trip; after this the second candidate is asked beside the first. */
export const ASK_PATIENCE_MS = 300
/** No answer to Attach at all. */
export const ASK_TIMEOUT_MS = 2_000
/** A dial takes two trips through the tracker, ICE, DTLS and two Hellos; after this the tracker is asked beside it. */
export const DIAL_PATIENCE_MS = 700
/** Peers tried before the tracker is asked anew: a refuser cannot lead a joiner from name to name for ever. */
export const TRIES_PER_ROUND = 16
/** Names of a full parent that are full too: the tracker knows better by now, and is asked beside the next. */
export const TRIES_BEFORE_TRACKER = 3
/** A warm parent is worth two dials, and then a pause. */
export const WARM_TRIES_PER_ROUND = 2
/** Names taken from one Refuse or HandOver: a full parent has few children that can forward. */
export const ALTERNATIVES_USED = 4
/** A tracker that says nothing for so long has lost the question. */
export const TRACKER_ANSWER_MS = 3_000
/** An open link on which nobody asked for anything: room for somebody else. */
export const IDLE_LINK_MS = 3_000
/** A peer that could not be reached or went silent is not chosen again for so long: its tracker entry dies meanwhile. */
export const AVOID_MS = 3_000
export const AVOIDED_MAX = 16
/** A recording is worth no second look soon, but a creator whose clock slipped must not lose its tree for good. */
export const NOT_LIVE_AVOID_MS = 120_000
/** Peers caught cheating are refused for the session. Ids cost nothing, so remembering more would not help. */
export const BANNED_MAX = 64
/** Of these the newest go into each question to the tracker, which takes 16 names in all. */
export const BANNED_EXCLUDED = 8

/** Retries of a peer without a parent: doubling from here, jittered by ±50 %, to the cap. */
export const URGENT_BACKOFF_MS = 300
/** A crowd of 1,000 waiting peers asks a tracker 200 times a second at this pace. */
export const URGENT_BACKOFF_MAX_MS = 5_000
/** Retries of a peer that has a parent and looks for a better one. In a creator's pause that is everybody. */
export const LAZY_BACKOFF_MS = 5_000
export const LAZY_BACKOFF_MAX_MS = 60_000
/** Let the newcomer's first pictures through before it dials for a spare. */
export const WARM_FIRST_MS = 2_000
/** Each search for a warm parent takes a promised place from the tracker for a moment: seldom. */
export const WARM_SEEK_MS = 10_000
/** Spare children: with four children, a parent, a warm parent and two dials this fills the 12 connections. */
export const WARM_CHILDREN_MAX = 3
/** Connections kept for oneself: parent, warm parent and one dial. */
export const OWN_LINKS = 3

/** Cost of a hop: one level deeper is as bad as 50 ms (DESIGN §7). */
export const LEVEL_COST_MS = 50
/** Cost of the last free slot; halved with two, and so on. */
export const LOAD_COST_MS = 40
/** Cost of moving a leaf away: one more handshake, and somebody else's move. */
export const DISPLACE_COST_MS = 60
/** No free slot and nobody to displace: a last resort, for the sake of the alternatives it names. */
export const FULL_COST_MS = 2_000
/** At most one level's worth for a peer that has stayed. */
export const AGE_BONUS_MAX_MS = 50
/** The age that counts as stable (DESIGN §7: 3 min). */
export const AGE_STABLE_S = 180
/** Chosen at random among so many of the best, so that a crowd does not run to one peer. */
export const BEST_OF = 3

/** Until the tracker says otherwise (DESIGN §7: max(8, …)). */
export const DEPTH_CAP_DEFAULT = 8
/** How long an orphan may sit below the cap. */
export const OVER_DEPTH_MS = 60_000
/** A parent whose newest frame is older has nothing to give: it may sit in a loop or be an orphan itself. */
export const INPUT_FRESH_MS = 1_000
/** From so few slots on the creator keeps one for orphans; with fewer it would serve nobody. */
export const RESERVE_FROM_SLOTS = 3
/** A displaced leaf needs a dial (2 s), an Attach, and a second choice. */
export const HAND_OVER_MS = 5_000
/** The leaf's own clock of it starts later by a trip. */
export const HAND_OVER_GRACE_MS = 1_000

/** Without input for so long a relay tells its children (DESIGN §7). */
export const STALLED_AFTER_MS = 100
export const STALLED_EVERY_MS = 100
/**
 * Nothing at all from the parent. Pings come each second, so two are missed. DESIGN's 400 ms comes with
 * warm-parent repair, which makes a false alarm cheap.
 */
export const PARENT_SILENT_MS = 2_000
/**
 * A parent that says Stalled is given so long, and as much again by chance: its own move (2 s to notice, one to
 * attach) must be over first, or one dead relay makes its whole subtree move.
 */
export const STALL_PATIENCE_MS = 5_000
/** A parent that loses what goes up is not left in haste, and no longer looked past when nobody else has room. */
export const UNANSWERED_MS = 10_000
/** A Stalled older than this no longer excuses a parent: it comes each 100 ms. */
export const STALLED_RECENT_MS = 500
/** After such a gap between two steps it was this peer that slept. Browsers let hidden pages tick each 1 s. */
export const SLEPT_MS = 1_500

/** Half of an edge's validity: a renewal may be missed once. */
export const RENEW_EVERY_S = EDGE_VALID_S / 2

/** The tracker learns changes at most so often, … */
export const UPDATE_MIN_MS = 500
/** … and everything again within this time, so that one that restarted knows the room (DESIGN §4). */
export const UPDATE_EVERY_MS = 10_000
/** No honest subtree is larger; keeps sums of strangers' numbers in range. */
export const SUBTREE_MAX = 1_000_000
