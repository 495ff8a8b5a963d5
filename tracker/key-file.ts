import { readFileSync, writeFileSync } from 'node:fs'
import { generateSeed } from './node-crypto.ts'
import { TrackerError } from './tracker-error.ts'

const SEED_TEXT = /^\s*([0-9a-f]{64})\s*$/i
const OWNER_ONLY = 0o600

/**
 * The tracker's seed from a file, made on first use, so that its peer id, and with it every address that names it,
 * outlives a restart. Throws TrackerError('bad-option').
 */
export function loadSeed(path: string): Uint8Array {
  const text = readIfThere(path)
  if (text !== undefined) {
    const hex = SEED_TEXT.exec(text)?.[1]
    if (hex !== undefined) return Uint8Array.from(Buffer.from(hex, 'hex'))
    throw new TrackerError(
      'bad-option',
      `${path} holds no key: 64 hexadecimal digits. Remove it to have one made.`,
    )
  }
  const seed = generateSeed()
  try {
    writeFileSync(path, `${Buffer.from(seed).toString('hex')}\n`, { mode: OWNER_ONLY, flag: 'wx' })
  } catch (cause) {
    throw new TrackerError('bad-option', `The key file ${path} cannot be written. Check its folder.`, {
      cause,
    })
  }
  return seed
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new TrackerError('bad-option', `The key file ${path} cannot be read. Check who may read it.`, {
      cause,
    })
  }
}
