import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import type { CreatorStreamKeeper, CreatorStreamState, StoredCreatorStream } from '../creator-stream.ts'

/** Creator's streams that outlive a broadcaster, not the process. Rows are copies, as of a disk. */
export class MemoryCreatorStreams implements CreatorStreamKeeper {
  readonly #keys = new Map<string, Signer>()
  readonly #rows = new Map<StreamId, CreatorStreamState>()
  readonly #locked = new Set<StreamId>()
  readonly #newSigner: () => Signer
  saves = 0
  /** Set: saving fails. */
  failure: Error | undefined

  constructor(newSigner: () => Signer) {
    this.#newSigner = newSigner
  }

  createKey(): Promise<{ readonly reference: string; readonly signer: Signer }> {
    const signer = this.#newSigner()
    const reference = `key ${this.#keys.size}`
    this.#keys.set(reference, signer)
    return Promise.resolve({ reference, signer })
  }

  async save(state: CreatorStreamState): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 1))
    if (this.failure !== undefined) throw this.failure
    this.saves += 1
    this.#rows.set(state.streamId, structuredClone(state))
  }

  list(): Promise<StoredCreatorStream[]> {
    const stored = [...this.#rows.values()].flatMap(state => {
      const signer = this.#keys.get(state.keyReference)
      return signer === undefined ? [] : [{ state: structuredClone(state), signer }]
    })
    return Promise.resolve(stored.sort((a, b) => b.state.aliveAtMs - a.state.aliveAtMs))
  }

  forget(state: CreatorStreamState): Promise<void> {
    this.#rows.delete(state.streamId)
    this.#keys.delete(state.keyReference)
    return Promise.resolve()
  }

  /** As when the process that held them is gone. */
  unlockAll(): void {
    this.#locked.clear()
  }

  lock(streamId: StreamId): Promise<(() => void) | undefined> {
    if (this.#locked.has(streamId)) return Promise.resolve(undefined)
    this.#locked.add(streamId)
    return Promise.resolve(() => void this.#locked.delete(streamId))
  }
}
