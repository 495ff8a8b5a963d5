import { peekAnnouncement } from '../../../shared/protocol/announcement.ts'
import type { FromTracker, RoomRefuseCode } from '../../../shared/protocol/room-message.ts'
import type { Clock, Logger, RoomEvents, RoomMembership, TrackerRoom } from '../ports.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import type { RoomStream } from './tracker-room-stream.ts'

export type RoomSessionDeps = {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly trackerCount: number
  /** To the tracker, as far as it is known, ms. */
  readonly rttMs: () => number
  readonly openStream: (trackerIndex: number, signal: AbortSignal) => Promise<RoomStream>
  /** Cuts the connection to that tracker. */
  readonly hangUp: (trackerIndex: number) => void
  readonly onClose: () => void
}

/** A restarted tracker is found within a second, by a crowd that does not come all at once. */
const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 1_000
/** A tracker that has been gone for this long is asked less often, but by the creator, whom all wait for. */
const RETRY_PATIENT_AFTER_MS = 60_000
const RETRY_PATIENT_MS = 5_000
/** A tracker says something every 10 s. */
const SILENT_MAX_MS = 25_000
const SILENCE_CHECK_MS = 5_000
/** Refusals of a Join that asking again does not change. */
const FINAL_AT_JOIN: readonly RoomRefuseCode[] = ['not-creator', 'bad-announcement', 'stale-announcement']
const FINAL: readonly RoomRefuseCode[] = ['too-large', 'bad-message']

/** One room, joined again and again until closed: by the newest membership, at whichever tracker answers. */
export class RoomSession extends TypedEmitter<RoomEvents> implements TrackerRoom {
  readonly #deps: RoomSessionDeps
  readonly #closed = new AbortController()
  #membership: RoomMembership
  #stream: RoomStream | undefined
  #isJoined = false
  #hasJoined = false
  #trackerIndex = 0
  /** Trackers in a row that do not know the stream. */
  #unknownAt = 0
  #heardAtMs = 0

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
    const { clock, logger, trackerCount } = this.#deps
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
      } else {
        this.#trackerIndex = (this.#trackerIndex + 1) % trackerCount
      }
      this.#stream = undefined
      logger.debug('no tracker', { reason })
      this.emit('disconnected', { reason })
      // The others are tried at once; only then is it time to wait.
      const isCycleOver = failures % trackerCount === trackerCount - 1
      if (isCycleOver) await this.#pause(Math.floor(failures / trackerCount), clock.nowMs() - lostAtMs)
      failures++
    }
  }

  /** Returns or throws when the stream is over. */
  async #visit(): Promise<void> {
    // Not tied to the room's own signal: close() still sends Leave, and then ends the stream by its outbox.
    const stream = await this.#deps.openStream(this.#trackerIndex, this.#closed.signal)
    if (this.#closed.signal.aborted) return stream.close()
    this.#stream = stream
    const silence = this.#watchSilence()
    stream.send({ kind: 'join', rttMs: this.#deps.rttMs(), ...this.#membership })
    try {
      for await (const message of stream.messages()) {
        if (this.#closed.signal.aborted) return
        this.#heardAtMs = this.#deps.clock.nowMs()
        this.#receive(message)
      }
    } finally {
      clearInterval(silence)
      stream.close()
    }
  }

  /** No close comes from a tracker whose machine or network is gone. */
  #watchSilence(): ReturnType<typeof setInterval> {
    const { clock, hangUp } = this.#deps
    const trackerIndex = this.#trackerIndex
    this.#heardAtMs = clock.nowMs()
    return setInterval(() => {
      if (clock.nowMs() - this.#heardAtMs > SILENT_MAX_MS) hangUp(trackerIndex)
    }, SILENCE_CHECK_MS)
  }

  #receive(message: FromTracker): void {
    switch (message.kind) {
      case 'joined':
        this.#isJoined = true
        this.#hasJoined = true
        this.#unknownAt = 0
        this.#remember(message.announcement)
        this.emit('joined', message)
        break
      case 'candidates':
        this.emit('candidates', message.candidates)
        break
      case 'signal':
        this.emit('signal', message.signal)
        break
      case 'stats':
        this.emit('stats', message)
        break
      case 'announce':
        this.#remember(message.record)
        this.emit('announce', message.record)
        break
      case 'refused':
        this.#refused(message)
        break
      case 'picture':
    }
  }

  #refused({ code, detail }: Extract<FromTracker, { kind: 'refused' }>): void {
    if (code === 'no-such-stream') {
      this.#unknownAt++
      // A tracker that has just started knows it again as soon as the creator is back.
      if (this.#hasJoined || this.#unknownAt < this.#deps.trackerCount) return
    }
    const isFinal = code === 'no-such-stream' || FINAL.includes(code) || this.#isFinalHere(code)
    this.emit('refused', { code, detail, isFinal })
    if (isFinal) this.close()
  }

  #isFinalHere(code: RoomRefuseCode): boolean {
    const isReplaced = code === 'not-creator' && this.#membership.role === 'creator'
    return isReplaced || (!this.#isJoined && FINAL_AT_JOIN.includes(code))
  }

  /**
   * What a viewer brings when it joins again: a tracker that was restarted meets the room by it, before the creator
   * is back. The tracker verifies it, as it does anybody's.
   */
  #remember(record: Uint8Array): void {
    if (this.#membership.role === 'creator') return
    try {
      if (peekAnnouncement(record).hasManifest) this.setMembership({ announcement: record })
    } catch {
      // The engine is given it too, and says what is wrong with it.
    }
  }

  #pause(failures: number, goneForMs: number): Promise<void> {
    const isPatient = goneForMs > RETRY_PATIENT_AFTER_MS && this.#membership.role !== 'creator'
    const limit = isPatient ? RETRY_PATIENT_MS : RETRY_MAX_MS
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
