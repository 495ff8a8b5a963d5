import type { FromTracker, RoomRefuseCode } from '../../../shared/protocol/room-message.ts'
import type { Clock, Logger, RoomEvents, RoomMembership, TrackerRoom } from '../ports.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import type { RoomStream } from './tracker-room-stream.ts'

export type RoomSessionDeps = {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly trackerCount: number
  readonly openStream: (trackerIndex: number, signal: AbortSignal) => Promise<RoomStream>
  readonly onClose: () => void
}

/** A restarted tracker is found within a second, by a crowd that does not come all at once. */
const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 1_000
/** A tracker that has been gone for this long is asked less often. */
const RETRY_PATIENT_AFTER_MS = 60_000
const RETRY_PATIENT_MS = 5_000
/** Refusals that asking again does not change. */
const FINAL: readonly RoomRefuseCode[] = ['not-creator', 'bad-announcement', 'too-large', 'bad-message']

/** One room, joined again and again until closed: by the newest membership, at whichever tracker answers. */
export class RoomSession extends TypedEmitter<RoomEvents> implements TrackerRoom {
  readonly #deps: RoomSessionDeps
  readonly #closed = new AbortController()
  #membership: RoomMembership
  #stream: RoomStream | undefined
  #isJoined = false
  #trackerIndex = 0

  constructor(membership: RoomMembership, deps: RoomSessionDeps) {
    super()
    this.#membership = membership
    this.#deps = deps
    void this.#run()
  }

  get isConnected(): boolean {
    return this.#isJoined
  }

  setMembership(patch: Parameters<TrackerRoom['setMembership']>[0]): void {
    this.#membership = { ...this.#membership, ...patch }
  }

  send(message: Parameters<TrackerRoom['send']>[0]): boolean {
    return this.#isJoined && this.#stream?.send(message) === true
  }

  close(): void {
    if (this.#closed.signal.aborted) return
    this.#isJoined = false
    this.#stream?.send({ kind: 'leave' })
    this.#stream?.close()
    this.#closed.abort()
    this.#deps.onClose()
    this.removeAllListeners()
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#deps
    const { signal } = this.#closed
    let lostAtMs = clock.nowMs()
    let failures = 0
    while (!signal.aborted) {
      let reason = 'the tracker closed the connection'
      try {
        await this.#visit()
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error)
      }
      if (signal.aborted) return
      if (this.#isJoined) {
        this.#isJoined = false
        lostAtMs = clock.nowMs()
        failures = 0
      } else this.#trackerIndex = (this.#trackerIndex + 1) % this.#deps.trackerCount
      this.#stream = undefined
      logger.debug('no tracker', { reason })
      this.emit('disconnected', { reason })
      await this.#pause(failures++, clock.nowMs() - lostAtMs)
    }
  }

  /** Returns or throws when the stream is over. */
  async #visit(): Promise<void> {
    // Not tied to the room's own signal: close() still sends Leave, and then ends the stream by its outbox.
    const stream = await this.#deps.openStream(this.#trackerIndex, this.#closed.signal)
    if (this.#closed.signal.aborted) return stream.close()
    this.#stream = stream
    stream.send({ kind: 'join', rttMs: 0, ...this.#membership })
    try {
      for await (const message of stream.messages()) {
        if (this.#closed.signal.aborted) return
        this.#receive(message)
      }
    } finally {
      stream.close()
    }
  }

  #receive(message: FromTracker): void {
    switch (message.kind) {
      case 'joined':
        this.#isJoined = true
        return this.emit('joined', message)
      case 'candidates':
        return this.emit('candidates', message.candidates)
      case 'signal':
        return this.emit('signal', message.signal)
      case 'stats':
        return this.emit('stats', message)
      case 'announce':
        return this.emit('announce', message.record)
      case 'refused': {
        const isFinal = FINAL.includes(message.code)
        this.emit('refused', { code: message.code, detail: message.detail, isFinal })
        if (isFinal) this.close()
        return
      }
      case 'picture':
        return
    }
  }

  #pause(failures: number, goneForMs: number): Promise<void> {
    const limit = goneForMs > RETRY_PATIENT_AFTER_MS ? RETRY_PATIENT_MS : RETRY_MAX_MS
    const delay =
      Math.min(limit, RETRY_FIRST_MS * 2 ** Math.min(failures, 10)) * (0.5 + this.#deps.random() / 2)
    return new Promise(resolve => {
      const timer = setTimeout(done, delay)
      const { signal } = this.#closed
      function done(): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
