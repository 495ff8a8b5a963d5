import type { AccessStore, StoredAccess } from '../engine/paid/access-store.ts'
import type { TextFile } from '../engine/store/line-log.ts'

/** Who owes a headless creator, in one small file. JSON as it is: snapshots hold their amounts as text. */
export function fileAccessStore(file: TextFile): AccessStore {
  const read = async (): Promise<Record<string, StoredAccess>> => {
    const text = await file.read()
    if (text === '') return {}
    const rows: unknown = JSON.parse(text)
    return typeof rows === 'object' && rows !== null ? (rows as Record<string, StoredAccess>) : {}
  }
  return {
    load: async (chain, payout) => (await read())[`${chain} ${payout}`],
    async save(chain, payout, stored) {
      await file.replace(JSON.stringify({ ...(await read()), [`${chain} ${payout}`]: stored }))
    },
  }
}
