import { DelayWindow } from './delay-window.ts'

/** Sound is decoded this much before it is handed over. */
export const SOUND_DECODE_MS = 5
/** DESIGN §8. */
export const BUFFER_MIN_MS = 10
export const BUFFER_MAX_MS = 1_000
export const BUFFER_START_MS = 20
/** A p99 of less than this says nothing yet. */
const MEASURED_AFTER_MS = 2_000
/**
 * The picture may be shown this much before its sound. 45 ms is where people begin to notice sound that is early, and
 * late sound is noticed at 125 ms only (ITU-R BT.1359-1); the rest of 45 ms is left to the screen's refresh. Sound
 * needs longer on its way, since a packet is 20 ms and the sound card has a queue of its own.
 */
export const PICTURE_LEAD_MAX_MS = 28

export type MediaKind = 'video' | 'audio'

/** How long after its timestamp each medium is to be presented, by the viewer's clock: least delay plus jitter buffer. */
export class LatencyPlan {
  readonly #delays: Readonly<Record<MediaKind, DelayWindow>> = {
    video: new DelayWindow(),
    audio: new DelayWindow(),
  }
  /** From handing sound over until it is heard. */
  readonly #soundCard = new DelayWindow()
  #isMeasuring = false

  /** A frame could be presented this long after its timestamp, by the viewer's clock. */
  ready(media: MediaKind, delayMs: number, nowMs: number): void {
    this.#delays[media].add(nowMs, delayMs)
  }

  /** What is handed over now will be heard in `leadMs`. */
  soundCard(leadMs: number, nowMs: number): void {
    this.#soundCard.add(nowMs, leadMs)
  }

  get soundCardMs(): number {
    return (this.#soundCard.leastMs ?? 0) + this.#soundCard.jitterMs
  }

  expire(nowMs: number): void {
    this.#delays.video.expire(nowMs)
    this.#delays.audio.expire(nowMs)
  }

  /** A backlog comes in: it tells the least delay, but says nothing about jitter. */
  startBacklog(): void {
    this.#isMeasuring = false
  }

  /** The backlog is in: measures anew. */
  endBacklog(): void {
    this.#isMeasuring = true
    this.#delays.video.clear()
    this.#delays.audio.clear()
  }

  /** Undefined before the first frame. */
  leastMs(media: MediaKind): number | undefined {
    return this.#delays[media].leastMs
  }

  /** The jitter buffer's aim, ms. */
  bufferMs(media: MediaKind): number {
    if (!this.#isMeasuring) return BUFFER_START_MS
    const window = this.#delays[media]
    const jitter =
      window.spanMs < MEASURED_AFTER_MS ? Math.max(BUFFER_START_MS, window.jitterMs) : window.jitterMs
    return Math.max(BUFFER_MIN_MS, Math.min(BUFFER_MAX_MS, jitter))
  }

  /** Latency of sound (or of the picture, if it is alone), and how much earlier than sound the picture is shown; undefined before the first frame. */
  plan(): { readonly latencyMs: number; readonly pictureLeadMs: number } | undefined {
    const picture = this.#needMs('video')
    const sound = this.#needMs('audio')
    if (sound === undefined)
      return picture === undefined ? undefined : { latencyMs: picture, pictureLeadMs: 0 }
    const latencyMs = Math.max(sound + SOUND_DECODE_MS + this.soundCardMs, picture ?? 0)
    const lead = picture === undefined ? 0 : latencyMs - picture
    return { latencyMs, pictureLeadMs: Math.min(lead, PICTURE_LEAD_MAX_MS) }
  }

  #needMs(media: MediaKind): number | undefined {
    const least = this.#delays[media].leastMs
    return least === undefined ? undefined : least + this.bufferMs(media)
  }
}
