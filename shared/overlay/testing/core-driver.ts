import type { EdgeChain } from '../../protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../../protocol/ids.ts'
import type { PeerMessage } from '../../protocol/peer-message.ts'
import type { Candidate } from '../../protocol/room-message.ts'
import {
  createPeerCore,
  type PeerCore,
  type PeerEffect,
  type PeerEvent,
  type PeerRole,
} from '../peer-core.ts'
import { seededRandom } from './seeded-random.ts'

const TICK_MS = 50

type Attach = Extract<PeerEvent, { kind: 'attach' }>

export function peerId(name: string): PeerId {
  return name as PeerId
}

/** A path from `names[0]`, the creator, down, with signatures of zeros: the core does not look at them. */
export function chainOf(names: readonly string[], untilS = 100_000): EdgeChain {
  const [creator = '', ...rest] = names
  const edges = rest.map(name => ({ child: peerId(name), untilS, signature: new Uint8Array(64) }))
  return { creator: peerId(creator), root: new Uint8Array(64), edges }
}

export function candidateOf(name: string, facts: Partial<Candidate> = {}): Candidate {
  return { peer: peerId(name), depth: 1, freeSlots: 2, rttMs: 20, ageS: 60, lagMs: 50, leaves: 0, ...facts }
}

export function attachOf(name: string, facts: Partial<Omit<Attach, 'kind' | 'peer'>> = {}): Attach {
  const nothing = { tracks: [], slots: 2, subtree: 0, resume: [], isOrphan: false }
  return { kind: 'attach', peer: peerId(name), role: 'child', ...nothing, ...facts }
}

/** Names of the peers that effects of one kind concern. */
export function peersOf(effects: readonly PeerEffect[], kind: PeerEffect['kind']): string[] {
  return effects.flatMap(effect => (effect.kind === kind && 'peer' in effect ? [String(effect.peer)] : []))
}

/** Messages of one kind, with their addressee. */
export function sent<Kind extends PeerMessage['kind']>(
  effects: readonly PeerEffect[],
  kind: Kind,
): (Extract<PeerMessage, { kind: Kind }> & { readonly addressee: string })[] {
  return effects.flatMap(effect => {
    if (effect.kind !== 'send' || effect.message.kind !== kind) return []
    return [{ ...(effect.message as Extract<PeerMessage, { kind: Kind }>), addressee: String(effect.peer) }]
  })
}

/** One core with a clock that only the test moves. */
export class CoreDriver {
  readonly core: PeerCore
  readonly self: string
  nowMs = 10_000
  /** Stream time ahead of the clock. */
  streamAheadS = 0
  readonly #random: () => number

  constructor(
    role: PeerRole,
    slots: number,
    options: { readonly self?: string; readonly seed?: number } = {},
  ) {
    this.self = options.self ?? (role === 'creator' ? 'creator' : 'me')
    const self = peerId(this.self)
    const chain = role === 'creator' ? { chain: chainOf([self]) } : {}
    this.#random = seededRandom(options.seed ?? 1)
    this.core = createPeerCore({ self, streamId: 'stream' as StreamId, role, slots, ...chain })
    this.step({ kind: 'start' })
  }

  step(event: PeerEvent): PeerEffect[] {
    const streamTimeS = this.nowMs / 1000 + this.streamAheadS
    return this.core.step(event, { nowMs: this.nowMs, streamTimeS, random: this.#random })
  }

  /** Ticks for that long; `perTick` may say what else happens on each. */
  pass(ms: number, perTick?: () => PeerEvent | undefined): PeerEffect[] {
    const effects: PeerEffect[] = []
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs += TICK_MS
      const event = perTick?.()
      if (event !== undefined) effects.push(...this.step(event))
      effects.push(...this.step({ kind: 'tick' }))
    }
    return effects
  }

  /** As `pass`, with media from the parent all the while. */
  passFed(ms: number): PeerEffect[] {
    return this.pass(ms, () => {
      const { parent } = this.core.view
      return parent === undefined ? undefined : { kind: 'progress', peer: parent, behindLiveMs: 100 }
    })
  }

  joinTracker(): PeerEffect[] {
    return this.step({ kind: 'tracker-joined', depthCap: 8, peers: 10 })
  }

  /** The other side dialled, and the link opened. */
  open(name: string): PeerEffect[] {
    const peer = peerId(name)
    return [
      ...this.step({ kind: 'dial-offered', peer }),
      ...this.step({ kind: 'link-open', peer, rttMs: 20 }),
    ]
  }

  /** A stranger dials and attaches. */
  child(name: string, facts: Partial<Omit<Attach, 'kind' | 'peer'>> = {}): PeerEffect[] {
    return [...this.open(name), ...this.step(attachOf(name, facts))]
  }

  /** Candidates come; those named in `open` open their links. */
  offer(candidates: readonly Candidate[], open: readonly string[] = []): PeerEffect[] {
    const effects = this.step({ kind: 'candidates', candidates })
    for (const name of open) effects.push(...this.opened(name))
    return effects
  }

  opened(name: string): PeerEffect[] {
    return this.step({ kind: 'link-open', peer: peerId(name), rttMs: 20 })
  }

  /** `path`: the creator first, the accepting peer last. */
  accept(path: readonly string[], untilS?: number): PeerEffect[] {
    const peer = peerId(path.at(-1) ?? '')
    return this.step({ kind: 'accept', peer, chain: chainOf([...path, this.self], untilS) })
  }

  /** Finds and gets that parent. */
  attachTo(...path: readonly string[]): PeerEffect[] {
    const parent = path.at(-1) ?? ''
    this.joinTracker()
    this.offer([candidateOf(parent)], [parent])
    return this.accept(path)
  }

  /** Another parent, in reserve. */
  warmUp(...path: readonly string[]): PeerEffect[] {
    const name = path.at(-1) ?? ''
    this.passFed(3_000)
    this.offer([candidateOf(name)], [name])
    return this.accept(path)
  }
}
