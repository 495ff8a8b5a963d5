/** `body` with its length before it as a varint: how messages follow each other on a room stream. */
export function lengthPrefixed(body: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = body.length
  while (rest > 0x7f) {
    prefix.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  prefix.push(rest)
  const bytes = new Uint8Array(prefix.length + body.length)
  bytes.set(prefix)
  bytes.set(body, prefix.length)
  return bytes
}

/** A bounded queue between whoever has bytes and the one stream that takes them. */
export class Outbox {
  readonly #maxBytes: number
  readonly #chunks: Uint8Array[] = []
  #bytes = 0
  #isEnded = false
  #wake: () => void = () => {}

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** False, and nothing is kept, when it is full or ended. */
  push(chunk: Uint8Array): boolean {
    if (this.#isEnded || this.#bytes + chunk.length > this.#maxBytes) return false
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    this.#wake()
    return true
  }

  /** What waits is still given out; then the iteration ends. Idempotent. */
  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  /** For one reader. `onTaken` is called after each chunk leaves the queue. */
  async *drain(onTaken?: () => void): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#bytes -= chunk.length
        onTaken?.()
        yield chunk
      } else if (this.#isEnded) {
        return
      } else {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
    }
  }
}
