import { chainPath, chainTip, type EdgeChain } from '../../protocol/edge-chain.ts'
import type { PeerId } from '../../protocol/ids.ts'
import { CONNECTIONS_MAX } from '../../protocol/limits.ts'
import { LEAVE_CODES, REFUSE_CODES } from '../../protocol/peer-message.ts'
import type { PeerEffect, PeerEvent, PeerRole } from '../peer-core.ts'
import { attachOf, CoreDriver, candidateOf, chainOf, peerId } from './core-driver.ts'
import { seededRandom } from './seeded-random.ts'

const NAMES = [
  'creator',
  'me',
  'a',
  'b',
  'c',
  'm',
  'n',
  'x',
  'y',
  'z',
  ...Array.from({ length: 12 }, (_, n) => `p${n}`),
]
const ROLES: readonly PeerRole[] = ['viewer', 'relay', 'viewer', 'creator']

/**
 * Throws a seeded sequence of events at one core, likely and absurd ones mixed, and keeps a shell's books beside it.
 * Throws an Error that says what does not fit, or whatever the core threw.
 */
export class CoreFuzz {
  readonly #random: () => number
  readonly #driver: CoreDriver
  readonly #role: PeerRole
  readonly #open = new Set<PeerId>()
  readonly #pending = new Set<PeerId>()
  readonly #feeds = new Set<PeerId>()
  readonly #banned = new Set<PeerId>()
  #parent: PeerId | undefined
  #isStopped = false
  readonly log: string[] = []

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    this.#role = this.#pick(ROLES)
    this.#driver = new CoreDriver(this.#role, Math.floor(this.#random() * 6), { seed: seed + 1 })
    this.#driver.joinTracker()
  }

  run(events: number): void {
    for (let count = 0; count < events; count++) this.#apply(this.#event())
  }

  #apply(event: PeerEvent): void {
    this.log.push(`${this.#driver.nowMs} ${textOf(event)}`)
    if (event.kind === 'link-open') this.#open.add(event.peer)
    if (event.kind === 'link-failed' || event.kind === 'link-closed') this.#gone(event.peer)
    if (event.kind === 'violation') this.#banned.add(event.peer)
    if (event.kind === 'stop') this.#isStopped = true
    const effects = this.#driver.step(event)
    for (const effect of effects) this.#note(effect)
    this.#check(effects)
  }

  #gone(peer: PeerId): void {
    this.#open.delete(peer)
    this.#pending.delete(peer)
  }

  #note(effect: PeerEffect): void {
    this.log.push(`  ${textOf(effect)}`)
    switch (effect.kind) {
      case 'dial':
        this.#expect(!this.#open.has(effect.peer) && !this.#pending.has(effect.peer), 'dials a peer it has')
        this.#expect(
          !this.#banned.has(effect.peer) && effect.peer !== this.#driver.self,
          'dials itself or a banned peer',
        )
        this.#pending.add(effect.peer)
        return
      case 'answer-dial':
        this.#expect(!this.#banned.has(effect.peer), 'answers a banned peer')
        this.#open.delete(effect.peer)
        this.#pending.add(effect.peer)
        return
      case 'close':
        this.#gone(effect.peer)
        return
      case 'send':
      case 'accept-child':
      case 'renew-child':
        this.#expect(this.#open.has(effect.peer), `${effect.kind} without a link`)
        return
      case 'add-child':
        this.#expect(!this.#feeds.has(effect.peer), 'feeds a child twice')
        this.#expect(this.#feeds.size <= this.#driver.core.view.slots, 'feeds more than one child too many')
        this.#feeds.add(effect.peer)
        return
      case 'remove-child':
        this.#expect(this.#feeds.delete(effect.peer), 'removes a child it did not feed')
        return
      case 'set-parent':
        this.#parent = effect.peer
        return
      case 'ignore-dial':
      case 'find-parents':
      case 'update-tracker':
      case 'phase':
        return
    }
  }

  #check(effects: readonly PeerEffect[]): void {
    const { view } = this.#driver.core
    const children = view.children.map(({ peer }) => peer)
    this.#expect(
      children.length === this.#feeds.size && children.every(peer => this.#feeds.has(peer)),
      'view and feeds differ',
    )
    this.#expect(view.parent === this.#parent, 'view and set-parent differ')
    this.#expect(view.parent === undefined || !children.includes(view.parent), 'its parent is its child')
    this.#expect(view.warm === undefined || view.warm !== view.parent, 'one peer is parent and warm parent')
    this.#expect(view.warm === undefined || !children.includes(view.warm), 'its warm parent is its child')
    this.#expect(
      view.chain === undefined || chainTip(view.chain) === this.#driver.self,
      'its path ends elsewhere',
    )
    const above = view.chain === undefined ? [] : chainPath(view.chain)
    this.#expect(!children.some(peer => above.includes(peer)), 'a child is on its path')
    const isFed = view.parent !== undefined || this.#role === 'creator'
    this.#expect((view.phase.kind === 'attached') === (isFed && !this.#isStopped), 'phase and parent differ')
    this.#expect(
      this.#isStopped || this.#open.size + this.#pending.size <= CONNECTIONS_MAX,
      'too many connections',
    )
    this.#expect(!this.#isStopped || view.children.length === 0, 'stopped with children')
    this.#expect(effects.length < 200, 'too many effects')
  }

  #expect(holds: boolean, fault: string): void {
    if (!holds) throw new Error(`${fault}\n${this.log.slice(-30).join('\n')}`)
  }

  #event(): PeerEvent {
    const roll = this.#random()
    if (roll < 0.25) return this.#tick()
    if (roll < 0.45) return this.#linkEvent()
    if (roll < 0.75) return this.#messageOf(this.#random() < 0.8 ? this.#pickOf(this.#open) : this.#anybody())
    if (roll < 0.85)
      return {
        kind: 'candidates',
        candidates: this.#some(6).map(peer => candidateOf(peer, { depth: this.#int(10) })),
      }
    return this.#rareEvent()
  }

  #tick(): PeerEvent {
    // Mostly due, sometimes late, and once in a while after a long sleep.
    this.#driver.nowMs += this.#random() < 0.9 ? 50 : this.#int(this.#random() < 0.1 ? 90_000 : 900)
    return { kind: 'tick' }
  }

  #linkEvent(): PeerEvent {
    const roll = this.#random()
    const peer = this.#random() < 0.8 ? this.#pickOf(this.#pending) : this.#anybody()
    if (roll < 0.3 && !this.#pending.has(peer)) return { kind: 'dial-offered', peer: this.#anybody() }
    if (roll < 0.75) return this.#opened(peer)
    if (roll < 0.85) return { kind: 'link-failed', peer, reason: 'fuzz' }
    return {
      kind: 'link-closed',
      peer: this.#random() < 0.5 ? this.#pickOf(this.#open) : peer,
      reason: 'fuzz',
    }
  }

  #opened(peer: PeerId): PeerEvent {
    this.#pending.delete(peer)
    return { kind: 'link-open', peer, rttMs: this.#int(300) }
  }

  #messageOf(peer: PeerId): PeerEvent {
    const to = () => this.#some(5).map(name => ({ peer: peerId(name), depth: this.#int(20) }))
    const makers: (() => PeerEvent)[] = [
      () => this.#attach(peer),
      () => this.#attach(peer),
      () => ({ kind: 'accept', peer, chain: this.#chainVia(peer) }),
      () => ({ kind: 'accept', peer, chain: this.#chainVia(peer) }),
      () => ({ kind: 'path', peer, chain: this.#chainVia(peer) }),
      () => ({ kind: 'refuse', peer, code: this.#pick(REFUSE_CODES), alternatives: to() }),
      () => ({ kind: 'hand-over', peer, to: to(), withinMs: this.#int(70_000) }),
      () => ({ kind: 'leave', peer, code: this.#pick(LEAVE_CODES) }),
      () => ({ kind: 'stalled', peer, newest: [] }),
      () => ({ kind: 'unanswered' }),
      () => ({ kind: 'rtt', peer, rttMs: this.#int(500) }),
      () => ({ kind: 'progress', peer, behindLiveMs: this.#int(this.#random() < 0.02 ? 20_000 : 500) }),
      () => ({ kind: 'progress', peer: this.#parent ?? peer, behindLiveMs: 100 }),
      () => ({ kind: 'child-update', peer, slots: this.#int(5), subtree: this.#int(50) }),
    ]
    return this.#pick(makers)()
  }

  #attach(peer: PeerId): PeerEvent {
    return attachOf(peer, {
      role: this.#random() < 0.8 ? 'child' : 'warm',
      slots: this.#int(4),
      subtree: this.#int(9),
      isOrphan: this.#random() < 0.3,
      ...(this.#random() < 0.3 ? { chain: chainOf(['creator', 'q', peer]) } : {}),
    })
  }

  #rareEvent(): PeerEvent {
    const roll = this.#random()
    if (roll < 0.05) return { kind: 'violation', peer: this.#anybody(), reason: 'rate' }
    if (roll < 0.35) return { kind: 'set-slots', slots: this.#int(8) - 1 }
    if (roll < 0.5) return { kind: 'visibility', isHidden: this.#random() < 0.5 }
    if (roll < 0.6) return { kind: 'tracker-lost' }
    if (roll < 0.8) return { kind: 'tracker-joined', depthCap: 1 + this.#int(12), peers: this.#int(100) }
    if (roll < 0.9) return { kind: 'room-stats', depthCap: this.#int(12), peers: this.#int(100) }
    if (roll < 0.99) return { kind: 'child-queue', peer: this.#anybody(), queueDelayMs: 9, drops: 1 }
    return this.#random() < 0.05 ? { kind: 'stop' } : { kind: 'start' }
  }

  /** Mostly the path it should be; sometimes one that ends elsewhere, comes through others, or has run out. */
  #chainVia(peer: PeerId): EdgeChain {
    const middle = [...new Set(this.#some(4))].filter(
      name => name !== peer && name !== 'me' && name !== 'creator',
    )
    const via = peer === 'creator' ? ['creator'] : ['creator', ...middle, peer]
    const names = this.#random() < 0.9 ? [...via, this.#driver.self] : via
    return chainOf(
      names,
      this.#random() < 0.9 ? 100_000 : Math.floor(this.#driver.nowMs / 1000) + this.#int(20),
    )
  }

  #some(atMost: number): string[] {
    return Array.from({ length: this.#int(atMost + 1) }, () => this.#pick(NAMES))
  }

  #anybody(): PeerId {
    return peerId(this.#pick(NAMES))
  }

  #pickOf(peers: ReadonlySet<PeerId>): PeerId {
    return peers.size === 0 ? this.#anybody() : this.#pick([...peers])
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below)
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[this.#int(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }
}

function textOf(value: PeerEvent | PeerEffect): string {
  return JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? undefined : inner))
}
