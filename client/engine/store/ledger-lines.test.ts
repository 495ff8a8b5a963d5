import { describe, expect, it } from 'vitest'
import { LinesLedger } from './ledger-lines.ts'
import { LEDGER_RULES, sessionRow } from './testing/ledger-contract.ts'
import { MemoryLedgerFiles } from './testing/memory-ledger-files.ts'

const SESSION = `0x${'11'.repeat(32)}`

describe('LinesLedger', () => {
  for (const { title, check } of LEDGER_RULES.filter(rule => !rule.title.startsWith('S-LEDGER-3'))) {
    it(title, async () => {
      const files = new MemoryLedgerFiles()
      await check(() => Promise.resolve(new LinesLedger(files)))
    })
  }

  it('S-LEDGER-6 a line that was cut off is taken away, and what is written next is read again', async () => {
    const files = new MemoryLedgerFiles()
    await new LinesLedger(files).commit({ session: sessionRow(SESSION) })
    files.texts.set(SESSION, `${files.texts.get(SESSION)}{"session":{"ses`)
    const ledger = new LinesLedger(files)
    await ledger.commit({ ticks: [{ session: SESSION, index: 1, epoch: 1, price: 2n }] })
    const rows = await new LinesLedger(files).read(SESSION)
    expect(rows).toEqual({
      session: sessionRow(SESSION),
      slots: [],
      ticks: [{ session: SESSION, index: 1, epoch: 1, price: 2n }],
    })
  })

  it('S-LEDGER-6 half a line left by a write that failed does not spoil the next', async () => {
    const files = new MemoryLedgerFiles()
    const ledger = new LinesLedger(files)
    await ledger.commit({ session: sessionRow(SESSION) })
    files.onAppend = (name, text) => {
      files.texts.set(name, (files.texts.get(name) ?? '') + text.slice(0, 9))
      throw new Error('no space left on device')
    }
    const tick = { session: SESSION, index: 1, epoch: 1, price: 2n }
    await expect(ledger.commit({ ticks: [tick] })).rejects.toMatchObject({ code: 'unwritable' })
    files.onAppend = () => {}
    await ledger.commit({ ticks: [tick] })
    expect((await new LinesLedger(files).read(SESSION))?.ticks).toEqual([tick])
  })

  it('S-LEDGER-3 a second is written down again only for less: what an emptied account could not pay of it', async () => {
    const ledger = new LinesLedger(new MemoryLedgerFiles())
    const tick = { session: SESSION, index: 1, epoch: 1, price: 2n }
    await ledger.commit({ session: sessionRow(SESSION), ticks: [tick] })
    await expect(ledger.commit({ ticks: [{ ...tick, price: 3n }] })).rejects.toMatchObject({
      code: 'conflict',
    })
    await ledger.commit({ ticks: [{ ...tick, price: 0n }] })
    await expect(ledger.commit({ ticks: [tick] })).rejects.toMatchObject({ code: 'conflict' })
    expect((await ledger.read(SESSION))?.ticks).toEqual([{ ...tick, price: 0n }])
  })
})
