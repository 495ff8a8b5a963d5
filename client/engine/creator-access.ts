import type { StreamId } from '../../shared/protocol/ids.ts'
import type { Manifest } from '../../shared/protocol/manifest.ts'
import type { UpMessage } from '../../shared/protocol/up-signature.ts'
import type { AccessGiver, ContentCipher } from './access/access-contract.ts'
import type { Clock } from './ports.ts'

/** What encrypts a paid stream, and who decides on its keys. Made by whoever knows the chain. */
export type CreatorAccess = {
  /** X25519, 32 bytes; new at each load of the page. */
  readonly publicKey: Uint8Array
  /**
   * Called once, as soon as the stream has its id and manifest. The giver starts with the price `priceBefore ??
   * pricePerSecond`: the broadcaster tells it what is announced, and closes it.
   */
  open(stream: { readonly streamId: StreamId; readonly manifest: Manifest }): {
    readonly giver: AccessGiver
    readonly cipher: ContentCipher
  }
}

export type CreatorAccessIo = {
  readonly clock: Clock
  readonly epochMs: number
  readonly answer: (target: Uint8Array, counter: number, body: Uint8Array) => void
}

const TICK_MS = 100

/** Ties a paid stream's access to the mesh: what comes up and goes down, and where the media is. */
export class CreatorAccessLine {
  readonly giver: AccessGiver
  readonly cipher: ContentCipher
  readonly #io: CreatorAccessIo
  readonly #timer: ReturnType<typeof setInterval>
  #epoch = -1

  constructor(
    access: CreatorAccess,
    stream: { readonly streamId: StreamId; readonly manifest: Manifest },
    io: CreatorAccessIo,
  ) {
    this.#io = io
    const { giver, cipher } = access.open(stream)
    this.giver = giver
    this.cipher = cipher
    const { priceBefore, pricePerSecond, priceFromEpoch } = stream.manifest
    if (priceBefore !== undefined) giver.setPrice(pricePerSecond, priceFromEpoch)
    this.giver.on('down', ({ target, counter, body }) => io.answer(target, counter, body))
    this.#timer = setInterval(() => this.giver.tick(io.clock.nowMs()), TICK_MS)
  }

  /** False if the message is not about access. */
  receive(message: UpMessage): boolean {
    return this.giver.receiveUp(message)
  }

  /** Each frame as it goes out. */
  follow(epoch: number, timestampUs: number): void {
    const { epochMs, clock } = this.#io
    if (epoch < this.#epoch) return
    this.#epoch = epoch
    this.giver.setPosition({ epoch, intoMs: (timestampUs / 1000) % epochMs }, clock.nowMs())
  }

  close(): void {
    clearInterval(this.#timer)
    this.giver.close()
  }
}
