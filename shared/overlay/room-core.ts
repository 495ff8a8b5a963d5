import type { Announcement } from '../protocol/announcement.ts'
import { chainTip, type EdgeChain } from '../protocol/edge-chain.ts'
import type { PeerId } from '../protocol/ids.ts'
import { CHAIN_MAX_EDGES } from '../protocol/limits.ts'
import type { Candidate, RoomRefuseCode } from '../protocol/room-message.ts'
import { chooseCandidates } from './room-candidates.ts'
import type { RoomEffect, RoomEnv, RoomEvent, RoomOptions, RoomView } from './room-event.ts'
import { openLeaves, openSlots, proofOf, type RoomMember } from './room-member.ts'
import { RoomMembers } from './room-members.ts'
import { fullBucket, takeToken } from './room-token-bucket.ts'

/** A named place is kept this long: a dial has 2 s, and an Attach follows at once (DESIGN §4). */
const RESERVED_MS = 3_000
/** After so many answers without a new place a peer is still told whom to try, but nothing is kept for it. */
const FRUITLESS_ASKS_MAX = 3
/** After a chain that does not hold: long enough to miss a crowd, short enough for an honest mistake. */
const BARRED_MS = 10_000
const STATS_EVERY_MS = 2_000
/** Fifty of them a second in all: in a crowd each newcomer would otherwise be told to everybody. */
const STATS_EVERY_MS_PER_PEER = 20
/** A client takes 25 s of silence for a dead tracker; a quiet room must say something before. */
const STATS_AT_LEAST_EVERY_MS = 10_000
/** Without an announcement for as long as an edge is valid, nobody in the room can still be proven. */
const KEEP_UNANNOUNCED_MS = 120_000
/** An empty room is kept while its announcement is fresh: the creator may be reconnecting. */
const KEEP_EMPTY_MS = 30_000
/** One search with its retries, then a few moves. Over it, an ask waits for the next tick. */
const ASKS = { burst: 6, perSecond: 1 }
/** Waiting peers looked at when a place opens: bounds the work of one step. */
const SERVED_PER_STEP = 8
/** To one addressee: 12 dials of 13 signals, and as much again, so that no crowd can be pointed at it. */
const SIGNALS_IN = { burst: 400, perSecond: 100 }

type Ask = { readonly exclude: readonly PeerId[]; readonly isOrphan: boolean }
type Anchor = { readonly headS: number; readonly atMs: number }

/** One room's decisions (docs/spec/tracker.md). No promise, timer or socket inside. */
export interface RoomCore {
  step(event: RoomEvent, env: RoomEnv): RoomEffect[]
  readonly view: RoomView
  /** The proven creator, while it is joined. */
  readonly creator: PeerId | undefined
  /** Stream time by the newest announced head, s: what edges are dated in. 0 before the first announcement. */
  streamTimeS(nowMs: number): number
  isMember(peer: PeerId): boolean
}

export function createRoomCore(options: RoomOptions): RoomCore {
  return new Room(options)
}

/** DESIGN §7: `max(8, ⌈log2 N⌉ + 4)`, and never more than a chain can hold. */
export function depthCap(peers: number): number {
  const levels = peers > 1 ? Math.ceil(Math.log2(peers)) : 0
  return Math.min(CHAIN_MAX_EDGES, Math.max(8, levels + 4))
}

class Room implements RoomCore {
  readonly #options: RoomOptions
  readonly #members = new RoomMembers()
  /** Asked when nothing was open: answered, oldest first, as soon as something is. */
  readonly #waiting = new Map<PeerId, Ask>()
  #creator: PeerId | undefined
  #anchor: Anchor | undefined
  #effects: RoomEffect[] = []
  #statsAtMs = Number.NEGATIVE_INFINITY
  #statsSaid = ''

  constructor(options: RoomOptions) {
    this.#options = options
  }

  get creator(): PeerId | undefined {
    return this.#creator
  }

  get view(): RoomView {
    let slots = 0
    let maxDepth = 0
    for (const member of this.#members.all()) {
      slots += member.slots
      maxDepth = Math.max(maxDepth, member.proof?.depth ?? 0)
    }
    const peers = this.#members.size
    return { peers, depthCap: depthCap(peers), slots, maxDepth }
  }

  streamTimeS(nowMs: number): number {
    return this.#anchor === undefined ? 0 : this.#anchor.headS + (nowMs - this.#anchor.atMs) / 1_000
  }

  isMember(peer: PeerId): boolean {
    return this.#members.get(peer) !== undefined
  }

  step(event: RoomEvent, env: RoomEnv): RoomEffect[] {
    this.#effects = []
    switch (event.kind) {
      case 'join':
        this.#join(event, env)
        break
      case 'announcement':
        this.#announced(event.announcement, event.record, env)
        break
      case 'tick':
        this.#tick(env)
        break
      case 'leave':
        this.#remove(event.peer)
        break
      default: {
        const member = this.#members.get(event.peer)
        if (member !== undefined) this.#stepMember(member, event, env)
      }
    }
    return this.#effects
  }

  #stepMember(
    member: RoomMember,
    event: Extract<RoomEvent, { kind: 'update' | 'bad-chain' | 'find-parents' | 'signal' }>,
    env: RoomEnv,
  ): void {
    switch (event.kind) {
      case 'update':
        member.slots = event.slots
        member.freeSlots = Math.min(event.freeSlots, event.slots)
        member.lagMs = event.lagMs
        this.#prove(member, event.chain, env)
        if (openSlots(member, env.nowMs) > 0) this.#serveWaiting(env)
        break
      case 'bad-chain':
        this.#bar(member, env)
        break
      case 'find-parents':
        this.#ask(member, event, env)
        break
      case 'signal': {
        const addressee = this.#members.get(event.to)
        if (addressee === undefined || !takeToken(addressee.signalsIn, SIGNALS_IN, env.nowMs)) return
        const message = { kind: 'signal', to: event.to, signal: event.signal } as const
        this.#effects.push({ kind: 'send', peer: event.to, message })
        break
      }
      default:
        assertNever(event)
    }
  }

  #join(event: Extract<RoomEvent, { kind: 'join' }>, env: RoomEnv): void {
    this.#remove(event.peer)
    const member = this.#members.add({
      peer: event.peer,
      role: event.role,
      tracks: event.tracks,
      rttMs: event.rttMs,
      network: event.network,
      joinedAtMs: env.nowMs,
      proof: undefined,
      barredUntilMs: 0,
      slots: event.slots,
      freeSlots: event.slots,
      lagMs: 0,
      reserved: new Map(),
      holds: [],
      fruitlessAsks: 0,
      asks: fullBucket(ASKS, env.nowMs),
      signalsIn: fullBucket(SIGNALS_IN, env.nowMs),
    })
    if (event.chain !== undefined) this.#prove(member, event.chain, env)
    if (event.role === 'creator' && this.#creator !== event.peer) {
      this.#expel(event.peer, 'not-creator', 'The stream key has not named this peer as its creator.')
      return
    }
    if (this.#anchor !== undefined) this.#welcome(member)
    if (member.proof !== undefined) this.#serveWaiting(env)
  }

  #welcome(member: RoomMember): void {
    const peers = this.#members.size
    this.#effects.push({ kind: 'welcome', peer: member.peer, depthCap: depthCap(peers), peers })
  }

  #announced(announcement: Announcement, record: Uint8Array, env: RoomEnv): void {
    const isFirst = this.#anchor === undefined
    const headUs = announcement.heads.reduce((newest, head) => Math.max(newest, head.timestampUs), 0)
    this.#anchor = { headS: headUs / 1_000_000, atMs: env.nowMs }
    if (isFirst) {
      for (const member of this.#members.all()) this.#welcome(member)
    } else if (this.#members.size > 0) {
      const except = this.#creator === undefined ? {} : { except: this.#creator }
      this.#effects.push({ kind: 'send-all', message: { kind: 'announce', record }, ...except })
    }
  }

  #prove(member: RoomMember, chain: EdgeChain, env: RoomEnv): void {
    const isCreator = chain.edges.length === 0
    if (chainTip(chain) !== member.peer || isCreator !== (member.role === 'creator')) {
      this.#bar(member, env)
      return
    }
    if (isCreator) this.#crown(member.peer)
    // A path from a creator that has since come back as another peer was true once, and is of no use now.
    const isOurs = this.#creator === undefined || chain.creator === this.#creator
    const proof = isOurs ? proofOf(chain) : undefined
    if (proof?.parent !== member.proof?.parent) {
      member.fruitlessAsks = 0
      this.#waiting.delete(member.peer)
      this.#members.releasePlaces(member)
    }
    this.#members.setProof(member, proof)
  }

  /** The stream key may name a second peer: the creator's page was opened anew, and the older one is stale. */
  #crown(peer: PeerId): void {
    const before = this.#creator
    this.#creator = peer
    if (before !== undefined && before !== peer) {
      this.#expel(before, 'not-creator', 'The creator has come back as another peer.')
    }
  }

  #bar(member: RoomMember, env: RoomEnv): void {
    this.#members.setProof(member, undefined)
    if (this.#creator === member.peer) this.#creator = undefined
    member.barredUntilMs = env.nowMs + BARRED_MS
    const detail = 'The path does not lead from the creator to this peer, or it has run out.'
    this.#effects.push({
      kind: 'send',
      peer: member.peer,
      message: { kind: 'refused', code: 'bad-chain', detail },
    })
  }

  #ask(asker: RoomMember, { exclude, isOrphan }: Ask, env: RoomEnv): void {
    this.#waiting.delete(asker.peer)
    const ask = { exclude, isOrphan }
    const mayAsk = this.#anchor !== undefined && takeToken(asker.asks, ASKS, env.nowMs)
    const chosen = mayAsk ? this.#choose(asker, ask, env) : []
    if (chosen.length === 0 && !isSettled(asker, ask)) this.#waiting.set(asker.peer, ask)
    if (mayAsk) this.#answer(asker, ask, chosen, env)
  }

  #choose(asker: RoomMember, { exclude, isOrphan }: Ask, env: RoomEnv): RoomMember[] {
    this.#members.releasePlaces(asker)
    return chooseCandidates(this.#members, {
      asker,
      exclude: new Set(exclude),
      isOrphan,
      depthCap: depthCap(this.#members.size),
      streamTimeS: this.streamTimeS(env.nowMs),
      isDev: this.#options.isDev,
      nowMs: env.nowMs,
      random: env.random,
    })
  }

  #answer(asker: RoomMember, ask: Ask, chosen: readonly RoomMember[], { nowMs }: RoomEnv): void {
    const candidates = chosen.map(
      (member): Candidate => ({
        peer: member.peer,
        depth: member.proof?.depth ?? CHAIN_MAX_EDGES,
        freeSlots: openSlots(member, nowMs),
        rttMs: member.rttMs,
        ageS: Math.floor((nowMs - member.joinedAtMs) / 1_000),
        lagMs: member.lagMs,
        leaves: openLeaves(member, nowMs),
      }),
    )
    if (asker.fruitlessAsks < FRUITLESS_ASKS_MAX && !isSettled(asker, ask)) {
      this.#members.promisePlaces(asker, chosen, nowMs + RESERVED_MS)
    }
    if (chosen.length > 0) asker.fruitlessAsks++
    this.#effects.push({ kind: 'send', peer: asker.peer, message: { kind: 'candidates', candidates } })
  }

  /** Oldest first; one that nothing fits goes to the end, so that it holds nobody up. */
  #serveWaiting(env: RoomEnv): void {
    if (this.#anchor === undefined || this.#waiting.size === 0) return
    for (const [peer, ask] of [...this.#waiting].slice(0, SERVED_PER_STEP)) {
      this.#waiting.delete(peer)
      const asker = this.#members.get(peer)
      if (asker === undefined) continue
      const chosen = this.#choose(asker, ask, env)
      if (chosen.length > 0) this.#answer(asker, ask, chosen, env)
      else this.#waiting.set(peer, ask)
    }
  }

  #expel(peer: PeerId, code: RoomRefuseCode, detail: string): void {
    this.#remove(peer)
    this.#effects.push({ kind: 'expel', peer, code, detail })
  }

  #remove(peer: PeerId): void {
    this.#members.remove(peer)
    this.#waiting.delete(peer)
    if (this.#creator === peer) this.#creator = undefined
  }

  #tick(env: RoomEnv): void {
    if (this.#isOver(env.nowMs)) {
      for (const { peer } of [...this.#members.all()]) {
        this.#expel(peer, 'no-such-stream', 'This stream is not live: it has ended, or the address is wrong.')
      }
      this.#effects.push({ kind: 'forget' })
      return
    }
    this.#serveWaiting(env)
    this.#sayStats(env.nowMs)
  }

  #isOver(nowMs: number): boolean {
    if (this.#anchor === undefined) return nowMs >= this.#options.waitsUntilMs
    const silentMs = nowMs - this.#anchor.atMs
    return silentMs >= (this.#members.size === 0 ? KEEP_EMPTY_MS : KEEP_UNANNOUNCED_MS)
  }

  #sayStats(nowMs: number): void {
    const quietMs = nowMs - this.#statsAtMs
    const everyMs = Math.max(STATS_EVERY_MS, this.#members.size * STATS_EVERY_MS_PER_PEER)
    if (quietMs < Math.min(everyMs, STATS_AT_LEAST_EVERY_MS)) return
    if (this.#members.size === 0 || this.#anchor === undefined) return
    const { peers, depthCap: cap, slots, maxDepth } = this.view
    const said = `${peers} ${cap} ${slots} ${maxDepth}`
    if (said === this.#statsSaid && quietMs < STATS_AT_LEAST_EVERY_MS) return
    this.#statsSaid = said
    this.#statsAtMs = nowMs
    this.#effects.push({
      kind: 'send-all',
      message: { kind: 'stats', peers, depthCap: cap, slots, maxDepth },
    })
  }
}

/** It has a parent and looks for a warm or a better one: nothing is kept from those who have none. */
function isSettled(asker: RoomMember, { isOrphan }: Ask): boolean {
  return asker.proof !== undefined && !isOrphan
}

function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`)
}
