import { Playout } from '../../../shared/media/playout.ts'
import type { PlayoutEffect, PlayoutEvent } from '../../../shared/media/playout-step.ts'
import { Meter } from '../../../shared/pay/meter.ts'
import type { AudioTrack, Track, VideoTrack } from '../../../shared/protocol/manifest.ts'
import { EngineError } from '../engine-error.ts'
import type { ReceivedFrame } from '../events.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import { decodeFailed, playObstacle, unsupportedCodec } from './media-errors.ts'
import { PictureDecoder } from './picture-decoder.ts'
import { PictureScreen } from './picture-screen.ts'
import type { PlayerEvents, PlayerOptions, PlayerState, PlayerStats } from './player-types.ts'
import { SoundCard } from './sound-card.ts'
import { SoundDecoder } from './sound-decoder.ts'
import type { SoundReport } from './sound-message.ts'

export type { PlayerEvents, PlayerOptions, PlayerState, PlayerStats } from './player-types.ts'

/** Where the screen is not refreshed (a hidden page), play-out goes on at this pace. */
const POLL_EVERY_MS = 50

type Playing = {
  readonly core: Playout<ReceivedFrame>
  readonly video: VideoTrack | undefined
  readonly audio: AudioTrack | undefined
  readonly pictures: PictureDecoder | undefined
  readonly sounds: SoundDecoder | undefined
  readonly soundCard: SoundCard | undefined
}

/** Decodes and plays what a Viewer receives: `viewer.on('frame', frame => player.push(frame))`. */
export class Player {
  readonly #events = new TypedEmitter<PlayerEvents>()
  readonly #canvas: HTMLCanvasElement
  readonly #screen: PictureScreen
  readonly #isRendering: boolean
  readonly #meter: Meter
  #playing: Playing | undefined
  #volume: number
  #isMuted: boolean
  #isPaused = false
  #isClosed = false
  #state: PlayerState = { kind: 'waiting' }
  #decodedFrames = 0
  #report: SoundReport | undefined
  #animation = 0
  readonly #timer: ReturnType<typeof setInterval>
  readonly #onVisibility = () => this.#tellPresented()

  constructor(options: PlayerOptions) {
    this.#canvas = options.canvas
    this.#screen = new PictureScreen(options.canvas)
    this.#meter = new Meter(options)
    this.#isRendering = options.isRendering ?? true
    this.#volume = options.volume ?? 1
    this.#isMuted = options.isMuted ?? false
    this.#timer = setInterval(() => {
      if (document.hidden) this.#poll()
    }, POLL_EVERY_MS)
    document.addEventListener('visibilitychange', this.#onVisibility)
    const refresh = () => {
      this.#poll()
      this.#animation = requestAnimationFrame(refresh)
    }
    this.#animation = requestAnimationFrame(refresh)
  }

  on<Name extends keyof PlayerEvents>(
    name: Name,
    listener: (payload: PlayerEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener)
  }

  /**
   * From the manifest; again when a new revision changes them. The first video and the first audio track are played.
   * Throws EngineError: insecure-origin, no-webcodecs.
   */
  setTracks(tracks: readonly Track[]): void {
    if (this.#isClosed || !this.#isRendering) return
    const obstacle = playObstacle()
    if (obstacle !== undefined) throw obstacle
    const video = tracks.find(track => track.kind === 'video')
    const audio = tracks.find(track => track.kind === 'audio')
    const playing = this.#playing
    if (playing !== undefined && isSame(playing.video, video) && isSame(playing.audio, audio)) return
    this.#stopPlaying()
    this.#playing = this.#startPlaying(video, audio)
    this.#tellPresented()
    if (this.#isPaused) this.#step({ kind: 'pause' })
  }

  /** Any order within a track; tracks that are not played are ignored. */
  push(frame: ReceivedFrame): void {
    const playing = this.#playing
    // Encrypted media needs its epoch's key; until that is built there is nothing to decode.
    if (playing === undefined || frame.isEncrypted) return
    if (frame.track === playing.video?.id) this.#step({ kind: 'frame', media: 'video', frame })
    else if (frame.track === playing.audio?.id) this.#step({ kind: 'frame', media: 'audio', frame })
  }

  /** Goes on at the live edge. */
  play(): void {
    this.#isPaused = false
    this.#step({ kind: 'resume' })
  }

  pause(): void {
    this.#isPaused = true
    this.#step({ kind: 'pause' })
  }

  /** 0..1 */
  setVolume(volume: number): void {
    this.#volume = Math.max(0, Math.min(1, volume))
    this.#tellPresented()
  }

  setMuted(isMuted: boolean): void {
    this.#isMuted = isMuted
    this.#tellPresented()
  }

  /** True while the browser withholds sound for want of a click. */
  get needsGesture(): boolean {
    return this.#playing?.soundCard?.needsGesture ?? false
  }

  /** Call from a click or key handler. */
  async resumeSound(): Promise<void> {
    await this.#playing?.soundCard?.resume()
  }

  get state(): PlayerState {
    return this.#state
  }

  get stats(): PlayerStats {
    const nowMs = performance.now()
    const view = this.#playing?.core.view(nowMs)
    const hasShown = this.#screen.shownFrames > 0
    return {
      state: this.#state.kind,
      shownFps: this.#screen.shownFps(nowMs),
      shownFrames: this.#screen.shownFrames,
      decodedFrames: this.#decodedFrames,
      droppedFrames: view?.droppedFrames ?? 0,
      avSkewMs: view?.skewMs,
      bufferMs: view?.bufferMs ?? 0,
      targetMs: view?.targetMs ?? 0,
      behindMs: view?.behindMs ?? 0,
      concealedMs: this.#report?.silentMs ?? 0,
      audioLevel: this.#playing?.soundCard?.isRunning === true ? (this.#report?.level ?? 0) : 0,
      clock: view?.clock ?? 'monotonic',
      width: hasShown ? this.#canvas.width : 0,
      height: hasShown ? this.#canvas.height : 0,
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#timer)
    cancelAnimationFrame(this.#animation)
    document.removeEventListener('visibilitychange', this.#onVisibility)
    const soundCard = this.#playing?.soundCard
    this.#stopPlaying()
    this.#setState({ kind: 'closed' })
    this.#events.removeAllListeners()
    await soundCard?.close()
  }

  #startPlaying(video: VideoTrack | undefined, audio: AudioTrack | undefined): Playing {
    const soundCard = audio === undefined ? undefined : this.#openSoundCard(audio)
    const playing: Playing = {
      core: new Playout<ReceivedFrame>({
        meter: this.#meter,
        ...(video !== undefined && { video: { temporalLayers: video.temporalLayers } }),
        ...(audio !== undefined && { audio: {} }),
      }),
      video,
      audio,
      soundCard,
      pictures:
        video === undefined
          ? undefined
          : new PictureDecoder(video, {
              onPicture: (picture, durationUs) => this.#onPicture(picture, durationUs),
              onFailed: error => {
                this.#events.emit('error', decodeFailed('picture', error))
                this.#step({ kind: 'decoder-failed', media: 'video' })
              },
              onUnsupported: () => this.#events.emit('error', unsupportedCodec(video.codec, 'picture')),
            }),
      sounds:
        audio === undefined
          ? undefined
          : new SoundDecoder(audio, {
              onSound: (timestampUs, durationUs, planes) => {
                soundCard?.post({ kind: 'sound', timestampUs, planes })
                this.#step({ kind: 'decoded', media: 'audio', timestampUs, durationUs })
              },
              onFailed: error => {
                this.#events.emit('error', decodeFailed('sound', error))
                this.#step({ kind: 'decoder-failed', media: 'audio' })
              },
              onUnsupported: () => this.#events.emit('error', unsupportedCodec(audio.codec, 'sound')),
            }),
    }
    return playing
  }

  #openSoundCard(audio: AudioTrack): SoundCard {
    // Opus decodes to 48,000 samples/s whatever it was made from.
    return new SoundCard(audio.codec === 'opus' ? 48_000 : audio.sampleRate, {
      onRunning: () => {
        this.#step({ kind: 'sound-ready' })
        this.#tellPresented()
      },
      onLost: () => {
        this.#step({ kind: 'sound-lost' })
        this.#tellPresented()
      },
      onReport: report => this.#onReport(report),
      onGesture: isNeeded => this.#events.emit('gesture', { isNeeded }),
      onFailed: error => {
        const message =
          'This browser could not start its sound output. The picture plays on without sound; reload the page to try again.'
        this.#events.emit('error', new EngineError('decode-failed', message, { cause: error }))
      },
    })
  }

  #stopPlaying(): void {
    const playing = this.#playing
    this.#playing = undefined
    this.#report = undefined
    playing?.pictures?.close()
    playing?.sounds?.close()
    void playing?.soundCard?.close()
    this.#screen.clear()
  }

  #onPicture(picture: VideoFrame, durationUs: number): void {
    this.#decodedFrames++
    this.#screen.add(picture)
    this.#step({ kind: 'decoded', media: 'video', timestampUs: picture.timestamp, durationUs })
  }

  #onReport(report: SoundReport): void {
    const soundCard = this.#playing?.soundCard
    if (soundCard === undefined) return
    this.#report = report
    const { seek, positionUs, state } = report
    const heardAtMs = soundCard.heardAtMs(report.frame)
    this.#step({ kind: 'sound', seek, heardAtMs, state, ...(positionUs !== undefined && { positionUs }) })
    if (document.hidden) this.#poll()
  }

  #tellPresented(): void {
    const soundCard = this.#playing?.soundCard
    const volume = this.#isMuted ? 0 : this.#volume
    soundCard?.setVolume(volume)
    const isAudible = soundCard?.isRunning === true && volume > 0
    this.#step({ kind: 'presented', isAudible, isVisible: !document.hidden })
  }

  #poll(): void {
    this.#step({ kind: 'poll' })
    const view = this.#playing?.core.view(performance.now())
    if (this.#isPaused) this.#setState({ kind: 'paused' })
    else if (view?.isStalled === true) this.#setState({ kind: 'stalled' })
    else
      this.#setState({
        kind: view?.phase === 'playing' || this.#screen.shownFrames > 0 ? 'playing' : 'waiting',
      })
  }

  #setState(state: PlayerState): void {
    if (state.kind === this.#state.kind) return
    this.#state = state
    this.#events.emit('state', state)
  }

  #step(event: PlayoutEvent<ReceivedFrame>): void {
    const playing = this.#playing
    if (playing === undefined) return
    const nowMs = performance.now()
    for (const effect of playing.core.step(event, nowMs)) this.#carryOut(playing, effect, nowMs)
  }

  #carryOut(playing: Playing, effect: PlayoutEffect<ReceivedFrame>, nowMs: number): void {
    switch (effect.kind) {
      case 'decode':
        if (effect.media === 'video') playing.pictures?.decode(effect.frame)
        else playing.sounds?.decode(effect.frame)
        break
      case 'reset-decoder':
        if (effect.media === 'video') playing.pictures?.reset()
        break
      case 'show':
        if (this.#screen.show(effect.timestampUs, nowMs)) {
          this.#events.emit('shown', { timestampUs: effect.timestampUs, atMs: performance.now() })
        }
        break
      case 'discard':
        this.#screen.discard(effect.timestampUs)
        break
      case 'seek-sound': {
        const { seek, positionUs, isFree } = effect
        const atFrame = playing.soundCard?.frameHeardAt(effect.atMs) ?? 0
        playing.soundCard?.post({ kind: 'seek', seek, positionUs, atFrame, isFree })
        break
      }
      case 'set-speed':
        playing.soundCard?.post({ kind: 'speed', speed: effect.speed })
        break
      case 'stop-sound':
        playing.soundCard?.post({ kind: 'stop' })
        break
      case 'tick':
        this.#events.emit('tick', { count: effect.count, epoch: effect.epoch, price: effect.price })
        break
    }
  }
}

function isSame(one: Track | undefined, other: Track | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  const isSameDescription = String(one.description ?? '') === String(other.description ?? '')
  return one.id === other.id && one.codec === other.codec && isSameDescription
}
