import { hexText } from '../protocol/hex.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { DownMessage, UpMessage } from '../protocol/up-signature.ts'
import { fullBucket, type TokenBucket, takeToken } from './room-token-bucket.ts'

/** A route nobody used for so long is gone: access is asked for each epoch, and chat waits for no answer. */
export const ROUTE_LIFE_MS = 30_000
/** What one origin may send: a pull each epoch, its repetition through the warm parent, and chat. */
export const ORIGIN_RULE = { burst: 6, perSecond: 2 } as const
/** A child's rate is that of its origins together, this many seconds of it at once. */
const CHILD_BURST_S = 3
/**
 * Whatever subtree a child claims, it sends no more than this a second: a third of what a link carries, and checking
 * it costs 1 % of a core. Six such children are 2,000 viewers with 4 s epochs; above that epochs lengthen (DESIGN §7).
 */
export const CHILD_MAX_PER_SECOND = 150
/** A tracker counts a growing crowd each 2 to 10 s, so a subtree may be ahead of it by so much. */
const ROOM_SLACK = { times: 2, peers: 16 } as const
/** Routes kept for a child: those below it, twice over for reloads, and a few while its word is on the way. */
const ROUTES_PER_PEER = 2
export const ROUTES_FLOOR = 16
/** In all: 20,000 routes of some 300 bytes are 6 MB at the creator, and nothing near it elsewhere. */
const ROUTES_MAX = 20_000
/** Answers to one message: a grant, its repetition, terms and a refusal. */
export const ANSWERS_PER_UP = 8

/** Where this peer stands at the moment. */
export type UpEnv = {
  /** Monotonic. */
  readonly nowMs: number
  /** The creator: what comes up has arrived. */
  readonly isRoot: boolean
  readonly parent: PeerId | undefined
  readonly warm: PeerId | undefined
  /** Peers below that child, itself included, as it says; undefined for whoever is no child, warm or not. */
  readonly weightOf: (peer: PeerId) => number | undefined
  /** In the room, as the tracker counts: no subtree is believed to be larger. */
  readonly roomPeers: number
}

export type UpEvent =
  | { readonly kind: 'up'; readonly from: PeerId; readonly message: UpMessage }
  /** The signature of a message that was to be checked is good. */
  | { readonly kind: 'up-verified'; readonly from: PeerId; readonly message: UpMessage }
  | { readonly kind: 'up-own'; readonly message: UpMessage; readonly via: 'parent' | 'warm' }
  | { readonly kind: 'down'; readonly from: PeerId; readonly message: DownMessage }
  /** The creator answers. */
  | { readonly kind: 'down-own'; readonly message: DownMessage }

export type UpEffect =
  /** Check the signature; a bad one is the sender's violation, since it must have checked it too. */
  | { readonly kind: 'verify'; readonly from: PeerId; readonly message: UpMessage }
  | { readonly kind: 'send'; readonly to: PeerId; readonly message: UpMessage | DownMessage }
  /** It is for this peer: an `up` at the creator, a `down` at its target. */
  | { readonly kind: 'deliver'; readonly message: UpMessage | DownMessage }

type Route = {
  child: PeerId
  counter: number
  untilMs: number
  answersLeft: number
  readonly bucket: TokenBucket
}
type ChildRoutes = { readonly bucket: TokenBucket; readonly origins: Set<string> }

/** Ways up to the creator and back down (docs/spec/mesh.md O-UP). No promise, timer or socket inside; never throws. */
export interface UpRoutes {
  step(event: UpEvent, env: UpEnv): UpEffect[]
  /** Messages thrown away, and routes held: for tests and statistics. */
  readonly view: { readonly dropped: number; readonly routes: number }
}

export function createUpRoutes(): UpRoutes {
  return new Routes()
}

class Routes implements UpRoutes {
  /** By origin, the longest unused first. */
  readonly #routes = new Map<string, Route>()
  readonly #children = new Map<PeerId, ChildRoutes>()
  /** Peers a message went up to, and until when an answer of theirs is expected. */
  readonly #asked = new Map<PeerId, number>()
  /** This peer's own key, once it has sent something, and how many answers may still come. */
  #own: { readonly origin: string; answersLeft: number } | undefined
  #dropped = 0

  get view(): { readonly dropped: number; readonly routes: number } {
    return { dropped: this.#dropped, routes: this.#routes.size }
  }

  step(event: UpEvent, env: UpEnv): UpEffect[] {
    this.#expire(env.nowMs)
    const effects = this.#handle(event, env)
    if (effects.length === 0) this.#dropped += 1
    return effects
  }

  #handle(event: UpEvent, env: UpEnv): UpEffect[] {
    switch (event.kind) {
      case 'up':
        return this.#received(event.from, event.message, env)
      case 'up-verified':
        return this.#verified(event.from, event.message, env)
      case 'up-own':
        return this.#sendOwn(event.message, event.via, env)
      case 'down':
        return this.#down(event.from, event.message, env)
      case 'down-own':
        return env.isRoot ? this.#toChild(event.message) : []
    }
  }

  /** Cheap checks first: whoever sends too much is not even verified. */
  #received(from: PeerId, message: UpMessage, env: UpEnv): UpEffect[] {
    const weight = this.#weight(from, env)
    if (weight === undefined || !this.#isFresh(message)) return []
    const rule = childRule(weight)
    const child = this.#child(from, () => fullBucket(rule, env.nowMs))
    return takeToken(child.bucket, rule, env.nowMs) ? [{ kind: 'verify', from, message }] : []
  }

  #verified(from: PeerId, message: UpMessage, env: UpEnv): UpEffect[] {
    const weight = this.#weight(from, env)
    // While it was checked another copy may have come, or the child have gone.
    if (weight === undefined || !this.#isFresh(message)) return []
    const origin = hexText(message.origin)
    const known = this.#routes.get(origin)
    const bucket = known?.bucket ?? fullBucket(ORIGIN_RULE, env.nowMs)
    if (!takeToken(bucket, ORIGIN_RULE, env.nowMs)) return []
    this.#forget(origin)
    this.#makeRoom(from, weight)
    this.#routes.set(origin, {
      child: from,
      counter: message.counter,
      untilMs: env.nowMs + ROUTE_LIFE_MS,
      answersLeft: ANSWERS_PER_UP,
      bucket,
    })
    this.#child(from, () => fullBucket(childRule(weight), env.nowMs)).origins.add(origin)
    if (env.isRoot) return [{ kind: 'deliver', message }]
    return this.#sendUp(env.parent, message, env.nowMs)
  }

  #sendOwn(message: UpMessage, via: 'parent' | 'warm', env: UpEnv): UpEffect[] {
    const sent = this.#sendUp(via === 'warm' ? env.warm : env.parent, message, env.nowMs)
    if (sent.length > 0) this.#own = { origin: hexText(message.origin), answersLeft: ANSWERS_PER_UP }
    return sent
  }

  #sendUp(to: PeerId | undefined, message: UpMessage, nowMs: number): UpEffect[] {
    if (to === undefined) return []
    this.#asked.delete(to)
    this.#asked.set(to, nowMs + ROUTE_LIFE_MS)
    return [{ kind: 'send', to, message }]
  }

  /** From a peer that was asked within the life of a route: the parent, the warm one, or the parent before a move. */
  #down(from: PeerId, message: DownMessage, env: UpEnv): UpEffect[] {
    if (!this.#asked.has(from) || env.isRoot) return []
    if (this.#own !== undefined && this.#own.origin === hexText(message.target)) {
      if (this.#own.answersLeft <= 0) return []
      this.#own.answersLeft -= 1
      return [{ kind: 'deliver', message }]
    }
    return this.#toChild(message)
  }

  #toChild(message: DownMessage): UpEffect[] {
    const route = this.#routes.get(hexText(message.target))
    if (route === undefined || route.answersLeft <= 0) return []
    route.answersLeft -= 1
    return [{ kind: 'send', to: route.child, message }]
  }

  #isFresh({ origin, counter }: UpMessage): boolean {
    return counter > (this.#routes.get(hexText(origin))?.counter ?? -1)
  }

  #weight(peer: PeerId, env: UpEnv): number | undefined {
    const weight = env.weightOf(peer)
    const room = ROOM_SLACK.times * env.roomPeers + ROOM_SLACK.peers
    return weight === undefined ? undefined : Math.max(1, Math.min(weight, room))
  }

  #child(peer: PeerId, bucket: () => TokenBucket): ChildRoutes {
    const child = this.#children.get(peer) ?? { bucket: bucket(), origins: new Set<string>() }
    this.#children.set(peer, child)
    return child
  }

  /** A child that floods with made-up origins pushes out its own routes, and nobody else's. */
  #makeRoom(child: PeerId, weight: number): void {
    const origins = this.#children.get(child)?.origins
    const max = Math.max(ROUTES_FLOOR, ROUTES_PER_PEER * weight)
    for (const oldest of origins ?? []) {
      if ((origins?.size ?? 0) < max) break
      this.#forget(oldest)
    }
    for (const oldest of this.#routes.keys()) {
      if (this.#routes.size < ROUTES_MAX) break
      this.#forget(oldest)
    }
  }

  #forget(origin: string): void {
    const route = this.#routes.get(origin)
    if (route === undefined) return
    this.#routes.delete(origin)
    this.#children.get(route.child)?.origins.delete(origin)
  }

  #expire(nowMs: number): void {
    // Each fresh message puts its route at the end, so the oldest are in front.
    for (const [origin, { untilMs }] of this.#routes) {
      if (untilMs > nowMs) break
      this.#forget(origin)
    }
    for (const [peer, untilMs] of this.#asked) {
      if (untilMs > nowMs) break
      this.#asked.delete(peer)
    }
    for (const [peer, { origins, bucket }] of this.#children) {
      if (origins.size === 0 && nowMs - bucket.filledAtMs > ROUTE_LIFE_MS) this.#children.delete(peer)
    }
  }
}

function childRule(weight: number): { readonly burst: number; readonly perSecond: number } {
  const perSecond = Math.min(CHILD_MAX_PER_SECOND, weight * ORIGIN_RULE.perSecond)
  return { perSecond, burst: perSecond * CHILD_BURST_S }
}
