import type { PeerId } from '../protocol/ids.ts'
import type { Children, Proof, RoomMember } from './room-member.ts'

/**
 * Members looked at for one answer. In a larger room a random stretch of the list stands for all: choosing costs
 * the same for 500 peers and for 100,000.
 */
const SCAN_MAX = 500

/** The members of a room, who is proven to be whose child, and who holds a place at whom. */
export class RoomMembers {
  readonly #byPeer = new Map<PeerId, RoomMember>()
  readonly #list: RoomMember[] = []
  readonly #indexes = new Map<PeerId, number>()
  /** Also of parents that are not members: after a restart children come back before their parents. */
  readonly #families = new Map<PeerId, Children>()

  get size(): number {
    return this.#list.length
  }

  get(peer: PeerId): RoomMember | undefined {
    return this.#byPeer.get(peer)
  }

  all(): readonly RoomMember[] {
    return this.#list
  }

  /** The creator and a stretch of the others that starts at `random` (0 to 1, exclusive). */
  *scan(random: number, creator: PeerId | undefined): Generator<RoomMember> {
    const count = Math.min(SCAN_MAX, this.#list.length)
    const start = count < this.#list.length ? Math.floor(random * this.#list.length) : 0
    const first = creator === undefined ? undefined : this.#byPeer.get(creator)
    if (first !== undefined) yield first
    for (let step = 0; step < count; step++) {
      const member = this.#list[(start + step) % this.#list.length]
      if (member !== undefined && member !== first) yield member
    }
  }

  add(member: Omit<RoomMember, 'children'>): RoomMember {
    const added: RoomMember = { ...member, children: this.#family(member.peer) }
    this.#byPeer.set(member.peer, added)
    this.#indexes.set(member.peer, this.#list.length)
    this.#list.push(added)
    return added
  }

  remove(peer: PeerId): void {
    const member = this.#byPeer.get(peer)
    const index = this.#indexes.get(peer)
    if (member === undefined || index === undefined) return
    this.setProof(member, undefined)
    this.releasePlaces(member)
    const last = this.#list.pop()
    if (last !== undefined && last !== member) {
      this.#list[index] = last
      this.#indexes.set(last.peer, index)
    }
    this.#byPeer.delete(peer)
    this.#indexes.delete(peer)
    this.#forgetIfEmpty(peer)
  }

  setProof(member: RoomMember, proof: Proof | undefined): void {
    const before = member.proof?.parent
    if (before !== undefined) {
      this.#families.get(before)?.delete(member.peer)
      this.#forgetIfEmpty(before)
    }
    member.proof = proof
    if (proof?.parent !== undefined) this.#family(proof.parent).set(member.peer, member.slots > 0)
  }

  /** Until `untilMs` the asker may turn up at any of these. */
  promisePlaces(asker: RoomMember, parents: readonly RoomMember[], untilMs: number): void {
    for (const parent of parents) parent.reserved.set(asker.peer, untilMs)
    asker.holds = parents
  }

  releasePlaces(asker: RoomMember): void {
    for (const parent of asker.holds) parent.reserved.delete(asker.peer)
    asker.holds = []
  }

  #family(parent: PeerId): Children {
    const family = this.#families.get(parent) ?? new Map()
    this.#families.set(parent, family)
    return family
  }

  #forgetIfEmpty(parent: PeerId): void {
    if (!this.#byPeer.has(parent) && this.#families.get(parent)?.size === 0) this.#families.delete(parent)
  }
}
