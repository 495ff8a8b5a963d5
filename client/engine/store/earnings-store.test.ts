import { expect, it } from 'vitest'
import { LinesEarningsStore } from './earnings-lines.ts'
import { MemoryEarningsStore } from './earnings-memory.ts'
import type { TextFile } from './line-log.ts'
import { MemoryStreamRecords } from './stream-records.ts'
import { LinesStreamRecords } from './stream-records-lines.ts'
import { checkEarningsStore, checkStreamRecords } from './testing/earnings-contract.ts'

function textFile(): TextFile & { text: string } {
  const file = {
    text: '',
    read: async () => file.text,
    append: async (text: string) => {
      file.text += text
    },
    replace: async (text: string) => {
      file.text = text
    },
  }
  return file
}

it('E-STORE-1 in memory: one transaction a commit, another writer refused, everything exact', async () => {
  const store = new MemoryEarningsStore()
  await checkEarningsStore(async () => store)
  const records = new MemoryStreamRecords()
  await checkStreamRecords(async () => records)
})

it('E-STORE-1 in a file of lines, read anew by each', async () => {
  const file = textFile()
  await checkEarningsStore(async () => new LinesEarningsStore(file))
  const rows = textFile()
  await checkStreamRecords(async () => new LinesStreamRecords(rows))
})

it('E-STORE-2 a line that a crash cut off was never acknowledged and is left out', async () => {
  const file = textFile()
  const scope = { chain: 'c', genesis: 'g', payout: '0x1', streamId: 's' }
  const cursor = { revision: 0, final: { number: 1, hash: '0x1' }, trail: [], unread: [], opening: undefined }
  await new LinesEarningsStore(file).commit(scope, { cursor, put: [], drop: [] })
  const whole = file.text
  await new LinesEarningsStore(file).commit(scope, { cursor: { ...cursor, revision: 1 }, put: [], drop: [] })
  for (let length = whole.length; length < file.text.length; length += 7) {
    const torn = textFile()
    torn.text = file.text.slice(0, length)
    expect((await new LinesEarningsStore(torn).load(scope))?.cursor.revision).toBe(0)
  }
})
