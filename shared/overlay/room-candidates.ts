import type { PeerId } from '../protocol/ids.ts'
import { LIVE_MAX_BEHIND_MS } from '../protocol/limits.ts'
import { openLeaves, openSlots, type RoomMember } from './room-member.ts'

/** As many as one answer holds (room.proto). */
const CANDIDATES_MAX = 8
/** A joiner dials two at once, so fewer leave it no warm parent. */
const CANDIDATES_MIN = 2
/** One answer names at most a quarter of what is open: each name is a promise, and a crowd shares what there is. */
const SHARE_OF_OPEN = 4
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
export function chooseCandidates(members: Iterable<RoomMember>, ask: Ask): RoomMember[] {
  const options: Option[] = []
  let open = 0
  for (const member of members) {
    const option = optionOf(member, ask)
    if (option === undefined) continue
    options.push(option)
    open += option.isOpen ? openSlots(member, ask.nowMs) : 1
  }
  const wanted = Math.max(CANDIDATES_MIN, Math.min(CANDIDATES_MAX, Math.floor(open / SHARE_OF_OPEN)))
  options.sort(ask.asker.slots > 0 ? byCost : byDepthFirst)
  const chosen: RoomMember[] = []
  const perNetwork = new Map<string, number>()
  const take = (index: number): boolean => {
    const member = options[index]?.member
    if (member === undefined || !fitsNetwork(member, perNetwork, ask.isDev)) return false
    options.splice(index, 1)
    chosen.push(member)
    perNetwork.set(member.network, (perNetwork.get(member.network) ?? 0) + 1)
    return true
  }
  let index = 0
  while (chosen.length < wanted - 1 && index < options.length) if (!take(index)) index++
  const rest = options.flatMap((option, at) =>
    fitsNetwork(option.member, perNetwork, ask.isDev) ? [at] : [],
  )
  const lucky = rest[Math.floor(ask.random() * rest.length)]
  if (lucky !== undefined) take(lucky)
  return chosen
}

function optionOf(member: RoomMember, ask: Ask): Option | undefined {
  const { asker, nowMs } = ask
  const { proof } = member
  if (proof === undefined || member === asker || member.barredUntilMs > nowMs) return undefined
  if (ask.exclude.has(member.peer)) return undefined
  if (proof.untilS < ask.streamTimeS + PROOF_MARGIN_S) return undefined
  if (member.lagMs > LIVE_MAX_BEHIND_MS) return undefined
  if (!ask.isOrphan && proof.depth + 1 > ask.depthCap) return undefined
  // A peer below the asker would close a loop.
  if (proof.path.includes(asker.peer)) return undefined
  if (!hasTracks(member, asker)) return undefined
  if (openSlots(member, nowMs) > 0) return { member, depth: proof.depth, isOpen: true }
  const mayDisplace = asker.slots > 0 && openLeaves(member, nowMs) > 0
  return mayDisplace ? { member, depth: proof.depth, isOpen: false } : undefined
}

/** No tracks named means all of them. */
function hasTracks(member: RoomMember, asker: RoomMember): boolean {
  return member.tracks.length === 0 || asker.tracks.every(track => member.tracks.includes(track))
}

function fitsNetwork(member: RoomMember, perNetwork: ReadonlyMap<string, number>, isDev: boolean): boolean {
  return isDev || (perNetwork.get(member.network) ?? 0) < PER_NETWORK_MAX
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
