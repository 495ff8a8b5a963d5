import { openDatabase } from '../../client/engine/store/database.ts'
import { IdbEarningsStore } from '../../client/engine/store/earnings-idb.ts'
import { IdbStreamRecords } from '../../client/engine/store/stream-records-idb.ts'
import {
  checkEarningsStore,
  checkStreamRecords,
} from '../../client/engine/store/testing/earnings-contract.ts'

/** Resolves to what went wrong, or to 'kept'. */
async function failing(check: () => Promise<void>): Promise<string> {
  try {
    await check()
    return 'kept'
  } catch (error) {
    return String(error)
  }
}

Object.assign(window, {
  checkEarnings: () =>
    failing(() => checkEarningsStore(async () => new IdbEarningsStore(await openDatabase()))),
  checkRecords: () =>
    failing(() => checkStreamRecords(async () => new IdbStreamRecords(await openDatabase()))),
})
