import { createHash } from 'node:crypto'
import type { StreamId } from '../../shared/protocol/ids.ts'
import type { NodeMesh } from './node-mesh.ts'

/** A peer without a key: it sees ciphertext, and remembers which bytes stood under which nonce. */
export class NonceWitness {
  /** SHA-256 of the ciphertext by `epoch:track:seq`. */
  readonly #hashes = new Map<string, string>()
  /** Nonces that stood over two different texts. */
  readonly repeated: string[] = []
  /** Frames that were not encrypted. */
  clear = 0

  static async join(mesh: NodeMesh, streamId: StreamId): Promise<NonceWitness> {
    const witness = new NonceWitness()
    const { viewer } = await mesh.startViewer(streamId, 0)
    viewer.on('frame', ({ epoch, track, seq, payload, isEncrypted }) => {
      if (!isEncrypted) witness.clear += 1
      const nonce = `${epoch}:${track}:${seq}`
      const hash = createHash('sha256').update(payload).digest('hex')
      const before = witness.#hashes.get(nonce)
      if (before !== undefined && before !== hash) witness.repeated.push(nonce)
      witness.#hashes.set(nonce, hash)
    })
    return witness
  }

  get size(): number {
    return this.#hashes.size
  }
}
