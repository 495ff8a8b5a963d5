import { expect, it } from 'vitest'
import { hexText } from '../../shared/protocol/hex.ts'
import { createSigner } from '../../tracker/node-crypto.ts'
import { MemoryChain } from '../engine/chain/testing/memory-chain.ts'
import { openRecordWriter } from './broadcast-records.ts'
import { OptionError } from './option-error.ts'
import { Terminal } from './terminal.ts'

function terminal(): { readonly terminal: Terminal; readonly said: string[] } {
  const said: string[] = []
  const stream = { write: (text: string) => void said.push(text) }
  return { terminal: new Terminal({ out: stream, err: stream, nowMs: () => 0 }), said }
}

const { signal } = new AbortController()

it('H-REC-2 without an account of its own a broadcast has nobody to sign a record', async () => {
  const port = new MemoryChain().connect()
  const info = await port.open()
  const opening = openRecordWriter(port, info, undefined, { ...terminal(), signal })
  await expect(opening).rejects.toThrow(OptionError)
  await expect(opening).rejects.toThrow(/--key-file/)
})

it('H-REC-2 what records cost, who pays and what that account lacks is said, and stops nothing', async () => {
  const chain = new MemoryChain()
  const port = chain.connect()
  const info = await port.open()
  const account = createSigner(new Uint8Array(32).fill(7))
  const { terminal: poor, said: lacking } = terminal()
  await openRecordWriter(port, info, account, { terminal: poor, signal })
  expect(lacking.join('')).toMatch(
    /about \S+ \S+ each, but the account that signs lacks .* paid by \w{47,48}\./,
  )
  chain.credit(hexText(account.publicKey), 1_000_000n)
  chain.produceBlock()
  const { terminal: rich, said } = terminal()
  await openRecordWriter(port, info, account, { terminal: rich, signal })
  expect(said.join('')).toMatch(/about \S+ \S+ each\. Signed and paid by/)
})

it('E-RECORD-4 a node that does not say what a record costs stops no broadcast', async () => {
  const chain = new MemoryChain()
  const port = chain.connect()
  const info = await port.open()
  port.cut()
  const { terminal: away, said } = terminal()
  await openRecordWriter(port, info, createSigner(new Uint8Array(32).fill(7)), { terminal: away, signal })
  expect(said.join('')).toContain('could not be asked')
})
