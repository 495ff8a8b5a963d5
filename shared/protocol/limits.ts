/** Bounds on everything a stranger can send. Each is checked before memory is taken. Units in the names. */

/** Payload bytes of one part: the largest data-channel message every WebRTC stack carries unfragmented in practice. */
export const PART_PAYLOAD_MAX_BYTES = 16 * 1024
/** 4 MiB of one frame: a 4K key frame at any realtime bitrate is below 1 MiB. */
export const FRAME_MAX_PARTS = 256
export const FRAME_MAX_BYTES = PART_PAYLOAD_MAX_BYTES * FRAME_MAX_PARTS
/** One message on `media` or `repair`: a full part with its frame's header around it. A header alone is below 4.2 kB. */
export const MEDIA_MESSAGE_MAX_BYTES = PART_PAYLOAD_MAX_BYTES + 118
/** One message on `control`. The largest honest one is an announcement with its manifest. */
export const PEER_MESSAGE_MAX_BYTES = 16 * 1024
/** One message to or from a tracker. The largest honest one carries a preview picture. */
export const ROOM_MESSAGE_MAX_BYTES = 40 * 1024
export const PICTURE_MAX_BYTES = 24 * 1024
export const ANNOUNCEMENT_MAX_BYTES = 12 * 1024
/** A signed manifest: what an announcement leaves it after its own fields and eight heads. */
export const MANIFEST_MAX_BYTES = 11 * 1024
/** Texts are counted in UTF-16 code units, as `string.length` does. */
export const TITLE_MAX_CHARS = 120
export const DESCRIPTION_MAX_CHARS = 2_000
export const CATEGORY_MAX_CHARS = 40
export const TRACKS_MAX = 8
/** avcC with parameter sets is below 200 bytes; AudioSpecificConfig is 2 to 5. */
export const TRACK_DESCRIPTION_MAX_BYTES = 1_024
/** A WebCodecs codec string, e.g. `vp09.00.10.08.01.01.01.01.00`. */
export const CODEC_MAX_CHARS = 64
export const TRACKERS_MAX = 8
export const CERTIFICATE_TEXT_MAX_CHARS = 1_024
export const MULTIADDR_MAX_CHARS = 256
/** A chain of edges from the creator; deeper than any cap the tracker announces (8 for 16 peers, 24 for a million). */
export const CHAIN_MAX_EDGES = 32
/** An edge is 106 bytes; the rest is room for fields of later versions. */
export const EDGE_MAX_BYTES = 160
export const CHAIN_MAX_BYTES = 160 * (CHAIN_MAX_EDGES + 1)
/** DESIGN §5: one data section, no media sections. */
export const SDP_MAX_BYTES = 8 * 1024
export const CANDIDATE_MAX_CHARS = 512
export const CANDIDATES_PER_CONNECTION_MAX = 12
export const SIGNAL_VALID_MS = 30_000
/** An SDP and the fields around it. */
export const SIGNAL_PAYLOAD_MAX_BYTES = SDP_MAX_BYTES + 512
/** Chrome writes `0`, Firefox `0` or `data`. */
export const SDP_MID_MAX_CHARS = 32
/** Frames one `Have` range may span, so that nobody walks a range of 2^48: 30 s of 120 frames/s fit. */
export const HAVE_RANGE_MAX_FRAMES = 4_096
export const HAVE_RANGES_MAX = 64
export const PULL_ITEMS_MAX = 64
/** Timers that a message asks for; a live stream has no use for a later one. */
export const REQUESTED_DELAY_MAX_MS = 60_000
export const ALTERNATIVES_MAX = 8
export const CANDIDATES_MAX = 8
export const EXCLUDE_MAX = 16
export const PEER_RECORDS_MAX = 16
/** Four multiaddrs, two keys and four numbers. */
export const PEER_RECORD_MAX_BYTES = 1_280
export const ICE_SERVERS_MAX = 8
export const ICE_URLS_MAX = 4
export const ICE_TEXT_MAX_CHARS = 256
export const REFUSED_DETAIL_MAX_CHARS = 256
export const UP_BODY_MAX_BYTES = 1_024
/** Open connections of one peer (Chrome allows 500 a page, and closed ones count until collected). */
export const CONNECTIONS_MAX = 12
/** Parts that came before their header, per link (DESIGN §6). */
export const ORPHAN_PARTS_MAX = 64
export const ORPHAN_PARTS_MAX_BYTES = 1024 * 1024
export const ORPHAN_PARTS_MAX_AGE_MS = 500
/** A frame ring never holds more than this. */
export const RING_MAX_BYTES = 32 * 1024 * 1024
/** Older than this behind the anchor: not live (DESIGN §6). */
export const LIVE_MAX_BEHIND_MS = 12_000
/** A directory entry dies this long after its last announcement arrived. */
export const ANNOUNCEMENT_TTL_MS = 30_000
export const ANNOUNCEMENT_INTERVAL_MS = 10_000
/** An edge proof is valid this long in stream time and renewed at half of it. */
export const EDGE_VALID_S = 120
