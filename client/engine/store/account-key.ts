import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import { webSigner } from '../crypto/web-crypto.ts'
import { openDatabase } from './database.ts'

/**
 * The creator's account of free streams: an Ed25519 key made in this browser, whose private half no page can read.
 * It lasts as long as the browser keeps this site's storage, and not longer. The same key on every call in this
 * browser. Rejects where the browser keeps no IndexedDB or cannot make Ed25519 keys.
 */
export async function openAccountKey({ signal }: { signal?: AbortSignal } = {}): Promise<Signer> {
  const database = await openDatabase(signal === undefined ? {} : { signal })
  try {
    const kept = await database.get('account', 'creator')
    if (kept !== undefined) return await webSigner(kept)
    const made = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
    signal?.throwIfAborted()
    // Another tab may have made one meanwhile; a transaction cannot span the key's making, so look again inside it.
    const transaction = database.transaction('account', 'readwrite')
    const winner = (await transaction.store.get('creator')) ?? made
    if (winner === made) await transaction.store.put(made, 'creator')
    await transaction.done
    return await webSigner(winner)
  } finally {
    database.close()
  }
}
