import type { Signer } from '../../../../shared/protocol/crypto-port.ts'
import { hexText } from '../../../../shared/protocol/hex.ts'
import { generateWebSigner } from '../../crypto/web-crypto.ts'
import type { LedgerFiles } from '../ledger-lines.ts'

/** A disk that survives crashes of the process: give the same one to the next LinesLedger. */
export class MemoryLedgerFiles implements LedgerFiles {
  readonly texts = new Map<string, string>()
  readonly keys = new Map<string, Signer>()
  readonly farewells = new Set<string>()
  readonly #generate: () => Promise<Signer>

  constructor(generate: () => Promise<Signer> = generateWebSigner) {
    this.#generate = generate
  }

  /** What follows `append`, or stands in its place: throw here to fail a write. */
  onAppend: (name: string, text: string) => Promise<void> | void = () => {}

  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.texts.keys()])
  }

  read(name: string): Promise<string> {
    return Promise.resolve(this.texts.get(name) ?? '')
  }

  async append(name: string, text: string): Promise<void> {
    await this.onAppend(name, text)
    this.texts.set(name, (this.texts.get(name) ?? '') + text)
  }

  truncate(name: string, length: number): Promise<void> {
    const bytes = new TextEncoder().encode(this.texts.get(name) ?? '')
    this.texts.set(name, new TextDecoder().decode(bytes.subarray(0, length)))
    return Promise.resolve()
  }

  async makeKey(): Promise<Signer> {
    const signer = await this.#generate()
    this.keys.set(hexText(signer.publicKey), signer)
    return signer
  }

  key(name: string): Promise<Signer | undefined> {
    return Promise.resolve(this.keys.get(name))
  }

  dropKey(name: string): Promise<void> {
    this.keys.delete(name)
    this.farewells.delete(name)
    return Promise.resolve()
  }

  noteFarewell(name: string): void {
    this.farewells.add(name)
  }

  hasFarewell(name: string): boolean {
    return this.farewells.has(name)
  }
}
