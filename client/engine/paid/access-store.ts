import type { AccessSnapshot } from '../access/access-contract.ts'

/** What a creator's page must know of its viewers after a reload, and in its next stream: who owes, who had a preview. */
export type StoredAccess = {
  readonly streamId: string
  readonly snapshot: AccessSnapshot
}

/** One row a payout account and chain identity. Holds no content key. */
export interface AccessStore {
  load(chain: string, payout: string): Promise<StoredAccess | undefined>
  save(chain: string, payout: string, stored: StoredAccess): Promise<void>
}

/** Lasts as long as this object. */
export class MemoryAccessStore implements AccessStore {
  readonly #rows = new Map<string, StoredAccess>()

  async load(chain: string, payout: string): Promise<StoredAccess | undefined> {
    return this.#rows.get(`${chain} ${payout}`)
  }

  async save(chain: string, payout: string, stored: StoredAccess): Promise<void> {
    this.#rows.set(`${chain} ${payout}`, structuredClone(stored))
  }
}
