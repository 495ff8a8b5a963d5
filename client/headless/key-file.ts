import { chmod, readFile, writeFile } from 'node:fs/promises'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { createSigner, generateSeed } from '../../tracker/node-crypto.ts'
import { EngineError } from '../engine/engine-error.ts'

/** An Ed25519 seed in hex, 32 bytes, alone on the first line. */
const SEED_TEXT = /^\s*(?:0x)?([0-9a-fA-F]{64})\s*$/
const OWNER_ONLY = 0o600

/**
 * The creator's account from a key file, which is made on first use and readable by its owner only: whoever has it
 * can go live in the creator's name. Throws EngineError('bad-file').
 */
export async function loadAccount(path: string): Promise<Signer> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) {
      throw new EngineError('bad-file', `The key file ${path} cannot be read. Check who may read it.`, {
        cause,
      })
    }
    return createAccount(path)
  }
  return accountFromHex(text, `The key file ${path}`)
}

/** `what` begins the sentence of the error. */
export function accountFromHex(text: string, what: string): Signer {
  const hex = SEED_TEXT.exec(text)?.[1]
  if (hex === undefined) {
    throw new EngineError(
      'bad-file',
      `${what} holds no key: it has to be 64 hexadecimal digits. Name a file that does not exist to have one made.`,
    )
  }
  return createSigner(Buffer.from(hex, 'hex'))
}

async function createAccount(path: string): Promise<Signer> {
  const seed = generateSeed()
  try {
    await writeFile(path, `${Buffer.from(seed).toString('hex')}\n`, { mode: OWNER_ONLY, flag: 'wx' })
    await chmod(path, OWNER_ONLY)
  } catch (cause) {
    throw new EngineError('bad-file', `The key file ${path} cannot be written. Check its folder.`, { cause })
  }
  return createSigner(seed)
}
