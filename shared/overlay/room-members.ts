import type { PeerId } from '../protocol/ids.ts'
import { type Children, leavesOf, type Proof, type RoomMember } from './room-member.ts'

/** The members of a room, who is proven to be whose child, and who holds a place at whom. */
export class RoomMembers {
  readonly #byPeer = new Map<PeerId, RoomMember>()
  readonly #list: RoomMember[] = []
  readonly #indexes = new Map<PeerId, number>()
  /** By depth: proven members that say they have a free slot, or have a child to displace. */
  readonly #open: RoomMember[][] = []
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

  /** Any member. `random`: 0 to 1, exclusive. */
  at(random: number): RoomMember | undefined {
    return this.#list[Math.floor(random * this.#list.length)]
  }

  /**
   * Whoever may have a place to give, from the top of the tree down or from the bottom up; those of one depth from a
   * random one on, so that they are sent newcomers in turn.
   */
  *open(random: () => number, isBottomUp: boolean): Generator<RoomMember> {
    for (let step = 0; step < this.#open.length; step++) {
      const level = this.#open[isBottomUp ? this.#open.length - 1 - step : step] ?? []
      const start = level.length > 1 ? Math.floor(random() * level.length) : 0
      for (let offset = 0; offset < level.length; offset++) {
        const member = level[(start + offset) % level.length]
        if (member !== undefined) yield member
      }
    }
  }

  add(member: Omit<RoomMember, 'children' | 'place'>): RoomMember {
    const added: RoomMember = { ...member, children: this.#family(member.peer), place: undefined }
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
      this.#refresh(this.#byPeer.get(before))
    }
    member.proof = proof
    this.#refresh(member)
    if (proof?.parent !== undefined) {
      this.#family(proof.parent).set(member.peer, member.slots > 0)
      this.#refresh(this.#byPeer.get(proof.parent))
    }
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

  /** After its proof, its free slots or its children changed. */
  #refresh(member: RoomMember | undefined): void {
    if (member === undefined) return
    const { proof, place } = member
    const mayGive = proof !== undefined && (member.freeSlots > 0 || leavesOf(member) > 0)
    const depth = mayGive ? proof.depth : undefined
    if (depth === place?.depth) return
    if (place !== undefined) {
      const level = this.#open[place.depth]
      const last = level?.pop()
      if (last?.place !== undefined && last !== member && level !== undefined) {
        level[place.index] = last
        last.place.index = place.index
      }
      member.place = undefined
    }
    if (depth === undefined) return
    while (this.#open.length <= depth) this.#open.push([])
    const level = this.#open[depth] ?? []
    member.place = { depth, index: level.length }
    level.push(member)
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
