/** Runs in every page under test before the page's own scripts: stamps the camera, and notes what is sent and shown. */
import type { Broadcaster } from '../../client/engine/broadcaster.ts'
import type { MeshStats, ReceivedFrame } from '../../client/engine/events.ts'
import type { Player, PlayerStats } from '../../client/engine/media/player.ts'
import { readCanvasTimeCode, timeCodeStamper } from '../../client/engine/media/time-code.ts'
import type { Viewer } from '../../client/engine/viewer.ts'

/** What a page has seen so far: small, for it is asked for often. */
export type ProbeReport = {
  /** Sent (Studio) or received (Watch). */
  readonly frames: number
  /** Pictures shown whose time code could be read, and those in which there was none. */
  readonly shown: number
  readonly unreadable: number
  /** How much later than its time code each of the last pictures was shown, at most 50 of them, ms. */
  readonly lagMs: readonly number[]
  /** The loudest that was played so far, RMS 0..1. */
  readonly loudest: number
  readonly violations: readonly { readonly peer: string; readonly reason: string }[]
  readonly errors: readonly string[]
  readonly state: string
  readonly stats: MeshStats | undefined
  readonly player: PlayerStats | undefined
}

/** All of it, for the end of a test. */
export type ProbeRecord = {
  /** SHA-256 of the payload by `track:seq`, of every frame sent or received. */
  readonly hashes: Readonly<Record<string, string>>
  /** Time codes of the pictures shown, ms modulo 2^32. */
  readonly codes: readonly number[]
}

/** One decoded picture, before any conversion for the screen. */
export type DecodedPicture = {
  readonly timestampUs: number
  readonly width: number
  readonly height: number
  /** I420 planes one after the other, base64. */
  readonly planes: string
}

type Studio = Element & { readonly broadcaster: Broadcaster | undefined }
type Watch = Element & { readonly viewer: Viewer | undefined; readonly player: Player | undefined }

const CODE_RANGE = 2 ** 32
const LAGS_KEPT = 50

class Probe {
  readonly #hashes: Record<string, string> = {}
  readonly #codes: number[] = []
  #lagMs: number[] = []
  readonly #violations: { peer: string; reason: string }[] = []
  readonly #errors: string[] = []
  #frames = 0
  #unreadable = 0
  #loudest = 0
  #viewer: Viewer | undefined
  #player: Player | undefined
  #stats: MeshStats | undefined

  constructor() {
    addEventListener('error', event => this.#errors.push(event.message))
    addEventListener('unhandledrejection', event => this.#errors.push(String(event.reason)))
    const timer = setInterval(() => {
      if (this.#attach()) clearInterval(timer)
    }, 5)
  }

  report(): ProbeReport {
    return {
      frames: this.#frames,
      shown: this.#codes.length,
      unreadable: this.#unreadable,
      lagMs: this.#lagMs,
      loudest: this.#loudest,
      violations: this.#violations,
      errors: this.#errors,
      state: this.#viewer?.state.kind ?? 'none',
      stats: this.#viewer?.stats ?? this.#stats,
      player: this.#player?.stats,
    }
  }

  record(): ProbeRecord {
    return { hashes: this.#hashes, codes: this.#codes }
  }

  /** Decodes what the viewer receives from now on, and keeps `count` pictures, one in `every`. */
  async decode(count: number, every: number): Promise<DecodedPicture[]> {
    const viewer = this.#viewer
    const track = viewer?.streamInfo?.manifest.tracks.find(({ kind }) => kind === 'video')
    if (viewer === undefined || track === undefined) throw new Error('nothing to decode')
    const pictures: Promise<DecodedPicture>[] = []
    let decoded = 0
    return new Promise((resolve, reject) => {
      const decoder = new VideoDecoder({
        output: picture => {
          if (decoded++ % every === 0 && pictures.length < count) pictures.push(planesOf(picture))
          else picture.close()
          if (pictures.length < count) return
          stop()
          resolve(Promise.all(pictures))
        },
        error: reject,
      })
      const description = track.description === undefined ? {} : { description: track.description.slice() }
      decoder.configure({ codec: track.codec, ...description })
      const waiting = new Map<number, ReceivedFrame>()
      let next: number | undefined
      const stop = viewer.on('frame', frame => {
        if (frame.track !== track.id) return
        waiting.set(frame.seq, frame)
        if (next === undefined && frame.isKey) next = frame.seq
        for (; next !== undefined; next++) {
          const due = waiting.get(next)
          if (due === undefined) return
          waiting.delete(next)
          if (decoder.state === 'configured') decoder.decode(chunkOf(due))
        }
      })
    })
  }

  /** True once there is something to listen to. */
  #attach(): boolean {
    const { broadcaster } = (inPage('vk-studio') ?? {}) as Partial<Studio>
    if (broadcaster !== undefined) {
      broadcaster.on('frame', frame => void this.#note(frame))
      broadcaster.on('violation', violation => this.#violations.push(violation))
      broadcaster.on('stats', stats => {
        this.#stats = stats
      })
      return true
    }
    const { viewer, player } = (inPage('vk-watch') ?? {}) as Partial<Watch>
    if (viewer === undefined || player === undefined) return false
    this.#viewer = viewer
    this.#player = player
    viewer.on('frame', frame => void this.#note(frame))
    viewer.on('violation', violation => this.#violations.push(violation))
    player.on('error', error => this.#errors.push(error.message))
    player.on('shown', () => this.#noteShown(player))
    return true
  }

  async #note({ track, seq, payload }: ReceivedFrame): Promise<void> {
    const digest = await crypto.subtle.digest('SHA-256', payload as Uint8Array<ArrayBuffer>)
    const text = Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
    this.#hashes[`${track}:${seq}`] = text
    this.#frames += 1
  }

  #noteShown(player: Player): void {
    this.#loudest = Math.max(this.#loudest, player.stats.audioLevel)
    const canvas = inPage('canvas')
    const code = canvas instanceof HTMLCanvasElement ? readCanvasTimeCode(canvas) : undefined
    if (code === undefined) {
      this.#unreadable += 1
      return
    }
    this.#codes.push(code)
    this.#lagMs = [...this.#lagMs, (Date.now() - code) % CODE_RANGE].slice(-LAGS_KEPT)
  }
}

function chunkOf({ isKey, timestampUs, durationUs, payload }: ReceivedFrame): EncodedVideoChunk {
  const type = isKey ? 'key' : 'delta'
  return new EncodedVideoChunk({ type, timestamp: timestampUs, duration: durationUs, data: payload })
}

async function planesOf(picture: VideoFrame): Promise<DecodedPicture> {
  const { timestamp, codedRect, visibleRect } = picture
  const rect = visibleRect ?? codedRect
  if (picture.format !== 'I420' || rect === null) throw new Error(`pictures are ${picture.format}`)
  const bytes = new Uint8Array(picture.allocationSize())
  await picture.copyTo(bytes)
  picture.close()
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return { timestampUs: timestamp, width: rect.width, height: rect.height, planes: btoa(text) }
}

/** The first such element, in any shadow root. */
function inPage(name: string, root: ParentNode = document): Element | undefined {
  const found = root.querySelector(name)
  if (found !== null) return found
  for (const element of root.querySelectorAll('*')) {
    const inside = element.shadowRoot === null ? undefined : inPage(name, element.shadowRoot)
    if (inside !== undefined) return inside
  }
  return undefined
}

/** The browser's fake camera has a picture of its own: the page gets it with the time code in it. */
function stampCamera(): void {
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (devices === undefined) return
  const getUserMedia = devices.getUserMedia.bind(devices)
  devices.getUserMedia = async constraints => {
    const stream = await getUserMedia(constraints)
    const [camera] = stream.getVideoTracks()
    if (camera === undefined) return stream
    const stamp = timeCodeStamper(() => Date.now())
    const stamped = new MediaStreamTrackGenerator({ kind: 'video' })
    const pictures = new TransformStream<VideoFrame, VideoFrame>({
      transform: (picture, controller) => controller.enqueue(stamp(picture)),
    })
    void new MediaStreamTrackProcessor({ track: camera }).readable
      .pipeThrough(pictures)
      .pipeTo(stamped.writable)
      .catch(() => camera.stop())
    return new MediaStream([stamped, ...stream.getAudioTracks()])
  }
}

stampCamera()
Object.assign(globalThis, { vkProbe: new Probe() })

declare global {
  var vkProbe: Probe
}
