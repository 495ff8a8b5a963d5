import { Meter } from '../pay/meter.ts'
import type { RingState } from './audio-ring.ts'
import { DecodeOrder } from './decode-order.ts'
import { LatencyPlan, type MediaKind, SOUND_DECODE_MS } from './latency-plan.ts'
import { PictureQueue } from './picture-queue.ts'
import { PlayoutClock } from './playout-clock.ts'
import type { PlayoutFrame } from './playout-frame.ts'
import type {
  PlayoutEffect,
  PlayoutEvent,
  PlayoutOptions,
  PlayoutPhase,
  PlayoutView,
} from './playout-step.ts'
import { SpeedControl } from './speed-control.ts'

/** Within this of its time a picture is shown at this refresh rather than the next: half of 60 Hz. */
const SHOW_EARLY_US = 8_000
/** The live edge is known when the least delay has not fallen for this long, and all that waited is decoded. */
const SETTLED_AFTER_MS = 120
const SETTLED_AT_LATEST_MS = 3_000
const LEAST_FELL_BY_MS = 3
const START_JUMP_MS = 10
/** DESIGN §8: more than this behind → skip to a key frame. */
const SKIP_BEHIND_MS = 2_000
/** Pictures that come out of the decoder this late mean that it cannot keep up. */
const DECODER_BEHIND_MS = 1_000
/** Sound that is missing for longer does not hold up the picture. */
const DRY_MAX_MS = 100
/** In silence a larger error is jumped over, not played away. */
const SILENT_JUMP_MS = 40
/** Hardware decoders have few pictures to lend. */
const PICTURES_AHEAD_MAX = 8
const PACKETS_AHEAD_MAX = 200
const STEER_EVERY_MS = 20
/** 1 % of speed: the picture's lead over its sound changes unseen. */
const LEAD_SLEW = 0.01
const STALLED_AFTER_MS = 250

type Decoding = { readonly arrivedAtMs: number; readonly startedAtMs: number }
type Sound =
  | { readonly kind: 'off' }
  | { readonly kind: 'running'; readonly state: RingState; readonly sinceMs: number }

/**
 * Play-out of one viewer (docs/spec/playout.md): what to decode, what to show, where the sound should be and how
 * fast it runs. The sound card's clock is master while it runs, else monotonic time. `step` takes monotonic ms.
 */
export class Playout<Frame extends PlayoutFrame> {
  readonly #orders: Partial<Record<MediaKind, DecodeOrder<Frame>>>
  readonly #arrivals = new WeakMap<Frame, number>()
  readonly #decoding: Readonly<Record<MediaKind, Map<number, Decoding>>> = {
    video: new Map(),
    audio: new Map(),
  }
  readonly #pictures = new PictureQueue()
  readonly #plan = new LatencyPlan()
  readonly #clock = new PlayoutClock()
  readonly #control = new SpeedControl()
  readonly #meter: Meter
  #phase: PlayoutPhase = { kind: 'empty' }
  #sound: Sound = { kind: 'off' }
  #seek = 0
  #leadUs = 0
  #steeredAtMs = Number.NEGATIVE_INFINITY
  #newestUs = Number.NEGATIVE_INFINITY
  #isAudible = true
  #isVisible = true
  #skewMs: number | undefined
  #discarded = 0
  #effects: PlayoutEffect<Frame>[] = []

  constructor(options: PlayoutOptions) {
    this.#meter = options.meter ?? new Meter()
    this.#meter.jump()
    this.#orders = {
      ...(options.video && { video: new DecodeOrder<Frame>({ dependency: 'group', ...options.video }) }),
      ...(options.audio && { audio: new DecodeOrder<Frame>({ dependency: 'each', temporalLayers: 1 }) }),
    }
  }

  step(event: PlayoutEvent<Frame>, nowMs: number): PlayoutEffect<Frame>[] {
    switch (event.kind) {
      case 'frame':
        this.#onFrame(event.media, event.frame, nowMs)
        break
      case 'decoded':
        this.#onDecoded(event, nowMs)
        break
      case 'decoder-failed':
        this.#orders[event.media]?.restart()
        this.#resetDecoder(event.media)
        break
      case 'sound-ready':
        this.#sound = { kind: 'running', state: 'stopped', sinceMs: nowMs }
        if (this.#phase.kind === 'playing') this.#seekSound(nowMs)
        break
      case 'sound-lost':
        this.#clock.set(this.#clock.positionUs(nowMs), nowMs)
        this.#sound = { kind: 'off' }
        break
      case 'sound':
        this.#onSound(event, nowMs)
        break
      case 'presented':
        this.#isAudible = event.isAudible
        if (event.isVisible !== this.#isVisible) this.#setVisible(event.isVisible)
        break
      case 'pause':
        this.#pause()
        break
      case 'resume':
        this.#resume()
        break
      case 'poll':
        this.#present(nowMs)
        break
      default:
        return assertNever(event)
    }
    this.#steer(nowMs)
    this.#pump(nowMs)
    const effects = this.#effects
    this.#effects = []
    return effects
  }

  /** What to tell the user; changes nothing. */
  view(nowMs: number): PlayoutView {
    const position = this.#clock.positionUs(nowMs)
    const media = this.#orders.video === undefined ? 'audio' : 'video'
    const isPlaying = this.#phase.kind === 'playing'
    const least = this.#plan.leastMs(media)
    return {
      phase: this.#phase.kind,
      clock: this.#sound.kind === 'running' && isPlaying ? 'audio' : 'monotonic',
      isStalled: isPlaying && this.#isStalled(nowMs),
      targetMs: this.#plan.bufferMs(media),
      bufferMs: isPlaying ? Math.max(0, (this.#newestUs - position) / 1000) : 0,
      behindMs: isPlaying && least !== undefined ? nowMs - this.#picturePosition(nowMs) / 1000 - least : 0,
      skewMs: this.#skewMs,
      droppedFrames: this.#discarded + (this.#orders.video?.dropped ?? 0),
      renderedMs: this.#meter.renderedMs,
    }
  }

  #onFrame(media: MediaKind, frame: Frame, nowMs: number): void {
    const order = this.#orders[media]
    if (order === undefined || !order.push(frame)) return
    this.#arrivals.set(frame, nowMs)
    this.#newestUs = Math.max(this.#newestUs, frame.timestampUs + frame.durationUs)
    if (!this.#isTaken(media)) order.skipToNewestKey()
  }

  #onDecoded(event: Extract<PlayoutEvent<Frame>, { kind: 'decoded' }>, nowMs: number): void {
    const { media, timestampUs, durationUs } = event
    const decoding = this.#finishDecoding(media, timestampUs + durationUs / 2)
    if (decoding !== undefined) {
      const delayMs = decoding.arrivedAtMs - timestampUs / 1000 + (nowMs - decoding.startedAtMs)
      this.#plan.ready(media, delayMs, nowMs)
    }
    if (media === 'audio') return
    if (!this.#isTaken('video') || !this.#pictures.add({ timestampUs, durationUs })) {
      this.#discard(timestampUs)
      return
    }
    const lateMs = (this.#picturePosition(nowMs) - timestampUs) / 1000
    if (this.#phase.kind === 'playing' && lateMs > DECODER_BEHIND_MS) this.#skipVideo()
    if (this.#pictures.shown === undefined) this.#present(nowMs)
  }

  /** Of what went into the decoder, the newest not after `untilUs`; decoders may swallow those before it. */
  #finishDecoding(media: MediaKind, untilUs: number): Decoding | undefined {
    let found: Decoding | undefined
    for (const [timestampUs, decoding] of this.#decoding[media]) {
      if (timestampUs > untilUs) break
      found = decoding
      this.#decoding[media].delete(timestampUs)
    }
    return found
  }

  #onSound(event: Extract<PlayoutEvent<Frame>, { kind: 'sound' }>, nowMs: number): void {
    this.#plan.soundCard(event.heardAtMs - nowMs, nowMs)
    if (this.#sound.kind !== 'running' || event.seek !== this.#seek || event.positionUs === undefined) return
    if (this.#phase.kind !== 'playing') return
    const { state } = event
    if (state !== this.#sound.state) this.#sound = { kind: 'running', state, sinceMs: nowMs }
    const hasPictures =
      this.#pictures.length > 0 || (this.#isVisible && (this.#orders.video?.length ?? 0) > 0)
    if (state === 'dry' && (!hasPictures || nowMs - this.#sound.sinceMs <= DRY_MAX_MS)) {
      this.#clock.hold(event.positionUs)
      return
    }
    this.#clock.observe(event.positionUs, event.heardAtMs, nowMs)
    if (state === 'dry' || state === 'free') this.#runOnWithoutSound(state, nowMs)
  }

  /** Nobody hears a jump while there is no sound: it is the moment to stand where the plan says. */
  #runOnWithoutSound(state: 'dry' | 'free', nowMs: number): void {
    const position = this.#clock.positionUs(nowMs)
    const wantedUs = this.#wantedUs(nowMs) ?? position
    if (state === 'free' && Math.abs(wantedUs - position) < SILENT_JUMP_MS * 1000) return
    this.#clock.set(wantedUs, nowMs)
    this.#meter.jump()
    this.#seekSound(nowMs, true)
  }

  #setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible
    this.#skipVideo()
  }

  #pause(): void {
    if (this.#phase.kind === 'paused') return
    this.#phase = { kind: 'paused' }
    this.#effects.push({ kind: 'stop-sound' })
    this.#skipVideo()
  }

  #resume(): void {
    if (this.#phase.kind !== 'paused') return
    this.#phase = { kind: 'empty' }
    this.#plan.startBacklog()
    this.#meter.jump()
    this.#skipVideo()
  }

  #present(nowMs: number): void {
    if (this.#phase.kind === 'paused') return
    const { show, discard } = this.#pictures.take(this.#picturePosition(nowMs) + SHOW_EARLY_US)
    for (const picture of discard) this.#discard(picture.timestampUs)
    const position = this.#clock.positionUs(nowMs)
    if (show !== undefined) {
      this.#effects.push({ kind: 'show', timestampUs: show.timestampUs })
      this.#skewMs = this.#isSounding ? (show.timestampUs - position) / 1000 : undefined
    }
    if (this.#phase.kind !== 'playing') return
    const ticks = this.#meter.advance(position, nowMs, this.#isRendering(nowMs))
    ticks.forEach((tick, index) => {
      this.#effects.push({ kind: 'tick', count: this.#meter.ticks - ticks.length + index + 1, ...tick })
    })
  }

  get #isSounding(): boolean {
    return (
      this.#phase.kind === 'playing' && this.#sound.kind === 'running' && this.#sound.state === 'sounding'
    )
  }

  #isRendering(nowMs: number): boolean {
    if (this.#isSounding && this.#isAudible) return true
    return this.#isVisible && this.#isPictureFresh(nowMs, DRY_MAX_MS)
  }

  #isPictureFresh(nowMs: number, withinMs: number): boolean {
    const shown = this.#pictures.shown
    if (shown === undefined) return false
    return this.#picturePosition(nowMs) < shown.timestampUs + shown.durationUs + withinMs * 1000
  }

  #isStalled(nowMs: number): boolean {
    if (this.#sound.kind === 'running') {
      const isSilent = this.#sound.state === 'dry' || this.#sound.state === 'free'
      const isLate = nowMs - this.#sound.sinceMs > STALLED_AFTER_MS
      if (!isSilent || !isLate) return false
    }
    return (
      this.#orders.video !== undefined && this.#isVisible && !this.#isPictureFresh(nowMs, STALLED_AFTER_MS)
    )
  }

  #picturePosition(nowMs: number): number {
    return this.#clock.positionUs(nowMs) + this.#leadUs
  }

  #wantedUs(nowMs: number): number | undefined {
    const plan = this.#plan.plan()
    return plan === undefined ? undefined : (nowMs - plan.latencyMs) * 1000
  }

  #steer(nowMs: number): void {
    if (this.#phase.kind === 'paused') return
    if (this.#phase.kind === 'playing' && nowMs - this.#steeredAtMs < STEER_EVERY_MS) return
    this.#plan.expire(nowMs)
    const plan = this.#plan.plan()
    if (plan === undefined) return
    const wantedUs = (nowMs - plan.latencyMs) * 1000
    const leadUs = plan.pictureLeadMs * 1000
    if (this.#phase.kind !== 'playing') {
      this.#leadUs = leadUs
      this.#steerStart(wantedUs, nowMs)
    } else {
      const step = (nowMs - this.#steeredAtMs) * 1000 * LEAD_SLEW
      this.#leadUs += Math.max(-step, Math.min(step, leadUs - this.#leadUs))
      this.#steerPlaying(wantedUs, nowMs)
    }
    this.#steeredAtMs = nowMs
  }

  #steerStart(wantedUs: number, nowMs: number): void {
    const leastMs = (this.#plan.leastMs('video') ?? 0) + (this.#plan.leastMs('audio') ?? 0)
    if (this.#phase.kind !== 'starting') {
      this.#clock.set(wantedUs, nowMs)
      this.#clock.setSpeed(1, nowMs)
      this.#phase = { kind: 'starting', sinceMs: nowMs, leastMs, leastAtMs: nowMs }
      return
    }
    if (Math.abs(leastMs - this.#phase.leastMs) > LEAST_FELL_BY_MS) {
      this.#phase = { ...this.#phase, leastMs, leastAtMs: nowMs }
    }
    const { sinceMs, leastAtMs } = this.#phase
    if (Math.abs(wantedUs - this.#clock.positionUs(nowMs)) > START_JUMP_MS * 1000)
      this.#clock.set(wantedUs, nowMs)
    const isSettled = nowMs - leastAtMs >= SETTLED_AFTER_MS && this.#hasCaughtUp()
    if (!isSettled && nowMs - sinceMs < SETTLED_AT_LATEST_MS) return
    this.#plan.endBacklog()
    this.#phase = { kind: 'playing' }
    this.#meter.jump()
    if (this.#sound.kind === 'running') this.#seekSound(nowMs)
  }

  #hasCaughtUp(): boolean {
    return (this.#orders.video?.length ?? 0) === 0 || !this.#isVisible
  }

  #steerPlaying(wantedUs: number, nowMs: number): void {
    const position = this.#clock.positionUs(nowMs)
    const errorMs = (wantedUs - position) / 1000
    if (Math.abs(errorMs) > SKIP_BEHIND_MS && this.#newestUs > position) {
      this.#clock.set(wantedUs, nowMs)
      this.#skipVideo()
      this.#meter.jump()
      if (this.#sound.kind === 'running') this.#seekSound(nowMs)
      return
    }
    const speed = this.#control.next(errorMs)
    if (speed === this.#clock.speed) return
    this.#clock.setSpeed(speed, nowMs)
    if (this.#sound.kind === 'running') this.#effects.push({ kind: 'set-speed', speed })
  }

  #seekSound(nowMs: number, isFree = this.#plan.leastMs('audio') === undefined): void {
    this.#seek++
    const positionUs = this.#clock.positionUs(nowMs)
    this.#effects.push({ kind: 'seek-sound', seek: this.#seek, positionUs, atMs: nowMs, isFree })
    this.#effects.push({ kind: 'set-speed', speed: this.#clock.speed })
  }

  /** Goes on at the newest key frame that is at hand, or at the next. */
  #skipVideo(): void {
    const order = this.#orders.video
    if (order === undefined) return
    if (!order.skipToNewestKey() && this.#phase.kind === 'playing' && this.#isVisible) return
    for (const picture of this.#pictures.clear()) this.#discard(picture.timestampUs)
    order.restart()
    this.#resetDecoder('video')
  }

  #resetDecoder(media: MediaKind): void {
    this.#decoding[media].clear()
    this.#effects.push({ kind: 'reset-decoder', media })
  }

  #discard(timestampUs: number): void {
    this.#discarded++
    this.#effects.push({ kind: 'discard', timestampUs })
  }

  #isTaken(media: MediaKind): boolean {
    return this.#phase.kind !== 'paused' && (media === 'audio' || this.#isVisible)
  }

  #pump(nowMs: number): void {
    // A newcomer's backlog and the live frames come side by side: until they meet, nothing is late.
    const isPlaced = this.#phase.kind === 'playing'
    const picturesDue = isPlaced ? this.#picturePosition(nowMs) : Number.NEGATIVE_INFINITY
    const room = PICTURES_AHEAD_MAX - this.#pictures.length - this.#decoding.video.size
    this.#take('video', picturesDue, room, nowMs)
    const soundAheadMs = this.#plan.soundCardMs + SOUND_DECODE_MS
    const soundDue = isPlaced ? this.#clock.positionUs(nowMs) + soundAheadMs * 1000 : Number.NEGATIVE_INFINITY
    this.#take('audio', soundDue, PACKETS_AHEAD_MAX - this.#decoding.audio.size, nowMs)
  }

  #take(media: MediaKind, dueUs: number, room: number, nowMs: number): void {
    const order = this.#orders[media]
    if (order === undefined || !this.#isTaken(media)) return
    for (let taken = 0; taken < room; taken++) {
      const frame = order.take(dueUs)
      if (frame === undefined) return
      const arrivedAtMs = this.#arrivals.get(frame) ?? nowMs
      this.#decoding[media].set(frame.timestampUs, { arrivedAtMs, startedAtMs: nowMs })
      this.#effects.push({ kind: 'decode', media, frame })
    }
  }
}

function assertNever(value: never): never {
  throw new Error(`Unexpected event: ${JSON.stringify(value)}`)
}
