import type { BrowserContext } from 'playwright-core'

export type LedgerSession = {
  readonly session: string
  readonly budgetAccount: string
  readonly phase: string
}

export type BrowserLedger = {
  readonly sessions: readonly LedgerSession[]
  /** Seconds of media that were shown and written down, of all sessions. */
  readonly ticks: number
  /** Their prices, planck. */
  readonly owed: bigint
}

/** As it stands in the browser's storage, from a page of the site that runs nothing. `url`: the site's. */
export async function readLedger(context: BrowserContext, url: string): Promise<BrowserLedger> {
  const page = await context.newPage()
  await page.goto(`${url}config.json`)
  const ledger = await page.evaluate(async () => {
    const open = indexedDB.open('vilokanam')
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      open.onsuccess = () => resolve(open.result)
      open.onerror = () => reject(open.error)
    })
    const all = (store: string) =>
      new Promise<unknown[]>((resolve, reject) => {
        const request = database.transaction(store).objectStore(store).getAll()
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    type Row = { session: string; budgetAccount: string; phase: { kind: string } }
    const sessions = (await all('sessions')) as Row[]
    const ticks = (await all('ticks')) as { price: bigint }[]
    database.close()
    return {
      sessions: sessions.map(({ session, budgetAccount, phase }) => ({
        session,
        budgetAccount,
        phase: phase.kind,
      })),
      ticks: ticks.length,
      owed: ticks.reduce((sum, { price }) => sum + price, 0n),
    }
  })
  await page.close()
  return ledger
}
