import { existsSync, writeFileSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { hexText } from '../../shared/protocol/hex.ts'
import { createSigner, generateSeed } from '../../tracker/node-crypto.ts'
import type { LedgerFiles } from '../engine/store/ledger-lines.ts'
import { accountFromHex } from './key-file.ts'

const OWNER_ONLY = 0o600
const FOLDER_OWNER_ONLY = 0o700
const LEDGER = '.jsonl'
const KEY = '.key'
const FAREWELL = '.farewell'
/** A session account as file name: nothing else is ever read or written. */
const NAME = /^0x[0-9a-f]{64}$/

/**
 * A folder with one ledger file and one key file a session, both for the owner only. It belongs to one process at a
 * time. Rejects with the file system's own errors.
 */
export async function openLedgerFolder(folder: string): Promise<LedgerFiles> {
  await mkdir(folder, { recursive: true, mode: FOLDER_OWNER_ONLY })
  const path = (name: string, ending: string): string => {
    if (!NAME.test(name)) throw new RangeError('not a session account')
    return join(folder, name + ending)
  }

  return {
    async list() {
      const files = await readdir(folder)
      return files
        .filter(file => file.endsWith(LEDGER))
        .map(file => file.slice(0, -LEDGER.length))
        .filter(name => NAME.test(name))
    },

    async read(name) {
      try {
        return await readFile(path(name, LEDGER), 'utf8')
      } catch (error) {
        if (isMissing(error)) return ''
        throw error
      }
    },

    async append(name, text) {
      const isNew = !existsSync(path(name, LEDGER))
      await writeFlushed(path(name, LEDGER), 'a', text)
      if (isNew) await flushFolder(folder)
    },

    async truncate(name, length) {
      const file = await open(path(name, LEDGER), 'r+')
      try {
        await file.truncate(length)
        await file.sync()
      } finally {
        await file.close()
      }
    },

    async makeKey() {
      const seed = generateSeed()
      const signer = createSigner(seed)
      const name = hexText(signer.publicKey)
      await writeFlushed(path(name, KEY), 'wx', `${Buffer.from(seed).toString('hex')}\n`)
      await flushFolder(folder)
      return signer
    },

    async key(name): Promise<Signer | undefined> {
      try {
        return accountFromHex(await readFile(path(name, KEY), 'utf8'), `The session key ${path(name, KEY)}`)
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },

    async dropKey(name) {
      await rm(path(name, KEY), { force: true })
      await rm(path(name, FAREWELL), { force: true })
      await flushFolder(folder)
    },

    noteFarewell(name) {
      writeFileSync(path(name, FAREWELL), '', { mode: OWNER_ONLY, flush: true })
    },

    hasFarewell(name) {
      return existsSync(path(name, FAREWELL))
    },
  }
}

async function writeFlushed(path: string, flags: 'a' | 'wx', text: string): Promise<void> {
  const file = await open(path, flags, OWNER_ONLY)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A new name is on the disk only once its folder is. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
