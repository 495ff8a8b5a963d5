import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadAccount } from './key-file.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vilokanam-key-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('H-CLI-4 a key file is made on first use, for its owner only, and read on the next', async () => {
  const path = join(folder, 'account')
  const first = await loadAccount(path)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await loadAccount(path)).publicKey).toEqual(first.publicKey)
})

it('H-CLI-4 anything else in it is said, and left as it is', async () => {
  const path = join(folder, 'letter')
  await writeFile(path, 'Dear key,')
  await expect(loadAccount(path)).rejects.toThrow(/holds no key: it has to be 64 hexadecimal digits/)
  await expect(loadAccount(join(folder, 'no', 'such', 'folder'))).rejects.toThrow(/cannot be written/)
})
