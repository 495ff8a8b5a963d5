import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LinesLedger } from '../engine/store/ledger-lines.ts'
import { LEDGER_RULES } from '../engine/store/testing/ledger-contract.ts'
import { openLedgerFolder } from './ledger-folder.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vilokanam-ledger-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('openLedgerFolder', () => {
  // Two writers at once exist only among tabs: a folder belongs to one process (S-LEDGER-7).
  for (const { title, check } of LEDGER_RULES.filter(rule => !rule.title.startsWith('S-LEDGER-3'))) {
    it(title, () => check(async () => new LinesLedger(await openLedgerFolder(folder))))
  }

  it('S-LEDGER-7 keys and ledgers are for their owner only', async () => {
    const ledger = new LinesLedger(await openLedgerFolder(join(folder, 'made')))
    await ledger.makeKey()
    const names = await readdir(join(folder, 'made'))
    expect(names).toHaveLength(1)
    for (const name of names) expect((await stat(join(folder, 'made', name))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'made'))).mode & 0o777).toBe(0o700)
  })
})
