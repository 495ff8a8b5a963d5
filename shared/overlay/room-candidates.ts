import type { PeerId } from '../protocol/ids.ts'
import { CANDIDATES_MAX, LIVE_MAX_BEHIND_MS } from '../protocol/limits.ts'
import { openLeaves, openSlots, type RoomMember } from './room-member.ts'
import type { RoomMembers } from './room-members.ts'

/** A joiner dials two at once, so fewer leave it no warm parent. */
const CANDIDATES_MIN = 2
/** One answer names at most a quarter of what is open: each name is a promise, and a crowd shares what there is. */
const SHARE_OF_OPEN = 4
/** The best of so many: choosing costs the same in a room of 100 and of 100,000. */
const OPTIONS_MAX = 32
/** Draws for the random one. Where most peers are full or unproven, the ranking fills its place. */
const LUCKY_ATTEMPTS = 8
/** One host or one office is at most a quarter of a newcomer's view of the room. */
const PER_NETWORK_MAX = 2
/** What a level of depth costs, ms (DESIGN §7: depth·50 ms + RTT/2 + lag). */
const LEVEL_MS = 50
/** A proof about to run out would be refused before the newcomer has dialled. */
const PROOF_MARGIN_S = 2

export type Ask = {
  readonly asker: RoomMember
  readonly exclude: ReadonlySet<PeerId>
  readonly isOrphan: boolean
  readonly depthCap: number
  readonly streamTimeS: number
  readonly isDev: boolean
  readonly nowMs: number
  readonly random: () => number
}

type Option = { readonly member: RoomMember; readonly depth: number; readonly isOpen: boolean }

/**
 * Up to 8 parents worth dialling, best first, one of them at random so that no ranking can be played to keep a peer
 * among its own. Only proven members: nothing here is taken on a peer's word but round trip, lag and, within
 * bounds, slots.
 */
export function chooseCandidates(members: RoomMembers, ask: Ask): RoomMember[] {
  const canForward = ask.asker.slots > 0
  const options: Option[] = []
  let open = 0
  for (const member of members.open(ask.random, !canForward)) {
    const option = optionOf(member, ask)
    if (option === undefined) continue
    options.push(option)
    open += option.isOpen ? openSlots(member, ask.nowMs) : 1
    if (options.length >= OPTIONS_MAX) break
  }
  options.sort(canForward ? byCost : byDepthFirst)
  const wanted = Math.max(CANDIDATES_MIN, Math.min(CANDIDATES_MAX, Math.floor(open / SHARE_OF_OPEN)))
  const chosen: RoomMember[] = []
  const perNetwork = new Map<string, number>()
  const take = (member: RoomMember): void => {
    const others = perNetwork.get(member.network) ?? 0
    if (chosen.includes(member) || (!ask.isDev && others >= PER_NETWORK_MAX)) return
    chosen.push(member)
    perNetwork.set(member.network, others + 1)
  }
  for (const { member } of options) if (chosen.length < wanted - 1) take(member)
  for (let attempt = 0; attempt < LUCKY_ATTEMPTS && chosen.length < wanted; attempt++) {
    const lucky = members.at(ask.random())
    if (lucky !== undefined && optionOf(lucky, ask) !== undefined) take(lucky)
  }
  for (const { member } of options) if (chosen.length < wanted) take(member)
  return chosen
}

function optionOf(member: RoomMember, ask: Ask): Option | undefined {
  const { asker, nowMs } = ask
  const { proof } = member
  if (proof === undefined || member === asker || member.barredUntilMs > nowMs) return undefined
  if (proof.untilS < ask.streamTimeS + PROOF_MARGIN_S || member.lagMs > LIVE_MAX_BEHIND_MS) return undefined
  if (!ask.isOrphan && proof.depth + 1 > ask.depthCap) return undefined
  const isOpen = openSlots(member, nowMs) > 0
  if (!isOpen && !(asker.slots > 0 && openLeaves(member, nowMs) > 0)) return undefined
  if (ask.exclude.has(member.peer) || !hasTracks(member, asker)) return undefined
  // A peer below the asker would close a loop.
  if (proof.path.includes(asker.peer)) return undefined
  return { member, depth: proof.depth, isOpen }
}

/** No tracks named means all of them. */
function hasTracks(member: RoomMember, asker: RoomMember): boolean {
  return member.tracks.length === 0 || asker.tracks.every(track => member.tracks.includes(track))
}

function costMs({ member, depth }: Option): number {
  return depth * LEVEL_MS + member.rttMs / 2 + member.lagMs
}

function byCost(a: Option, b: Option): number {
  return costMs(a) - costMs(b)
}

/** Peers that cannot forward go deepest, and leave the places higher up to those that can (DESIGN §7). */
function byDepthFirst(a: Option, b: Option): number {
  return b.depth - a.depth || costMs(a) - costMs(b)
}
