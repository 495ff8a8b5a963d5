import type { StreamId } from '../../../shared/protocol/ids.ts'
import type { RoomStream } from './tracker-room-stream.ts'

type Answer = (picture: Uint8Array | undefined) => void

/** Preview pictures over one stream, asked for side by side: a page of cards would otherwise open fifty. */
export class PictureRequests {
  readonly #open: (signal: AbortSignal) => Promise<RoomStream>
  readonly #waiting = new Map<StreamId, Set<Answer>>()
  readonly #closed = new AbortController()
  #stream: Promise<RoomStream> | undefined

  constructor(open: (signal: AbortSignal) => Promise<RoomStream>) {
    this.#open = open
  }

  /** Undefined when the tracker has none, or goes before it answers. Rejects when no tracker can be reached. */
  async get(streamId: StreamId, signal: AbortSignal): Promise<Uint8Array | undefined> {
    signal.throwIfAborted()
    const stream = await this.#shared()
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const answers = this.#waiting.get(streamId) ?? new Set()
      this.#waiting.set(streamId, answers)
      const settle = (): void => {
        signal.removeEventListener('abort', onAbort)
        answers.delete(answer)
      }
      const onAbort = (): void => {
        settle()
        reject(signal.reason)
      }
      const answer: Answer = picture => {
        settle()
        resolve(picture)
      }
      answers.add(answer)
      signal.addEventListener('abort', onAbort, { once: true })
      if (!stream.send({ kind: 'get-picture', streamId })) answer(undefined)
    })
  }

  close(): void {
    this.#closed.abort()
  }

  #shared(): Promise<RoomStream> {
    this.#stream ??= this.#open(this.#closed.signal).then(
      stream => {
        void this.#read(stream)
        return stream
      },
      error => {
        this.#stream = undefined
        throw error
      },
    )
    return this.#stream
  }

  async #read(stream: RoomStream): Promise<void> {
    try {
      for await (const message of stream.messages()) {
        if (message.kind !== 'picture') continue
        this.#answer(message.streamId, message.picture.length === 0 ? undefined : message.picture)
      }
    } catch {
      // Unreadable or cut off: asked anew, over another stream.
    }
    stream.close()
    this.#stream = undefined
    for (const streamId of [...this.#waiting.keys()]) this.#answer(streamId, undefined)
  }

  #answer(streamId: StreamId, picture: Uint8Array | undefined): void {
    for (const answer of [...(this.#waiting.get(streamId) ?? [])]) answer(picture)
    this.#waiting.delete(streamId)
  }
}
