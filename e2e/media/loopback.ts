import { EngineError } from '../../client/engine/engine-error.ts'
import {
  type CaptureOptions,
  type CaptureProducer,
  type CaptureSource,
  type CaptureStats,
  createCaptureProducer,
  openSource,
} from '../../client/engine/media/capture.ts'
import { Player, type PlayerStats } from '../../client/engine/media/player.ts'
import { readCanvasTimeCode, timeCodeStamper } from '../../client/engine/media/time-code.ts'
import type { Track } from '../../shared/protocol/manifest.ts'

type Run = {
  readonly player: Player
  readonly producer: CaptureProducer
  readonly errors: string[]
  /** Date.now() minus the time code shown, ms, one per picture. */
  readonly latencies: number[]
  readonly codes: number[]
  readonly skews: number[]
  readonly frames: {
    track: number
    timestampUs: number
    isKey: boolean
    temporalLayer: number
    bytes: number
  }[]
  readonly levels: number[]
  /** performance.now() at which the pattern's white flash was shown, and at which its beep reached the ear. */
  readonly flashes: number[]
  readonly beeps: number[]
  readonly states: string[]
  ticks: number
  unreadable: number
  needsGesture: boolean
  end: string | undefined
}
export type StartOptions = CaptureOptions & {
  readonly stampTimeCode?: boolean
  /** Frames lost on the way, by their number within the track. */
  readonly loseEvery?: number
  /** As above, of the sound only. */
  readonly loseSoundEvery?: number
  /** The player is told that the picture is of this codec. */
  readonly claimVideoCodec?: string
  /** After this many pictures, those of one second arrive as noise. */
  readonly damageOnce?: number
}

let run: Run | undefined

async function start(source: CaptureSource, options: StartOptions = {}): Promise<readonly Track[]> {
  const { stream } = await openSource(source)
  const stamp = options.stampTimeCode === true ? { transformFrame: timeCodeStamper(() => Date.now()) } : {}
  const producer = await createCaptureProducer(stream, { ...options, ...stamp })
  return attach(producer, options)
}

function attach(producer: CaptureProducer, options: StartOptions): readonly Track[] {
  const canvas = document.getElementById('screen') as HTMLCanvasElement
  const player = new Player({ canvas })
  const current: Run = {
    player,
    producer,
    errors: [],
    latencies: [],
    codes: [],
    skews: [],
    frames: [],
    levels: [],
    flashes: [],
    beeps: [],
    states: [],
    ticks: 0,
    unreadable: 0,
    needsGesture: false,
    end: undefined,
  }
  run = current
  player.on('error', error => current.errors.push(`${error.code}: ${error.message} ${error.cause ?? ''}`))
  player.on('tick', ({ count }) => {
    current.ticks = count
  })
  player.on('gesture', ({ isNeeded }) => {
    current.needsGesture = isNeeded
  })
  player.on('state', state => current.states.push(state.kind))
  let isFlash = false
  player.on('shown', ({ atMs }) => {
    const wasFlash = isFlash
    isFlash = brightness(canvas, 0.3, 0.33) > 200
    if (isFlash && !wasFlash) current.flashes.push(atMs)
    const code = readCanvasTimeCode(canvas)
    if (code === undefined) current.unreadable++
    else {
      current.codes.push(code)
      current.latencies.push((Date.now() % 2 ** 32) - code)
    }
    const { avSkewMs, audioLevel } = player.stats
    if (avSkewMs !== undefined) current.skews.push(avSkewMs)
    current.levels.push(audioLevel)
  })
  const codec = options.claimVideoCodec
  player.setTracks(
    producer.tracks.map(track =>
      track.kind === 'video' && codec !== undefined ? { ...track, codec } : track,
    ),
  )
  const seqs = new Map<number, number>()
  producer.start(
    frame => {
      const seq = seqs.get(frame.track) ?? 0
      seqs.set(frame.track, seq + 1)
      const { track, timestampUs, isKey, temporalLayer, payload } = frame
      current.frames.push({ track, timestampUs, isKey, temporalLayer, bytes: payload.length })
      const every = (track === 2 ? options.loseSoundEvery : undefined) ?? options.loseEvery
      if (every !== undefined && seq % every === every - 1) return
      const first = options.damageOnce ?? Number.POSITIVE_INFINITY
      const isDamaged = track === 1 && seq >= first && seq < first + 30
      const received = isDamaged ? crypto.getRandomValues(new Uint8Array(payload.length)) : payload
      player.push({
        ...frame,
        payload: received,
        seq,
        epoch: 0,
        isEncrypted: false,
        receivedAtMs: performance.now(),
      })
    },
    error => {
      current.end = error === undefined ? 'ended' : `${error.code}: ${error.message}`
    },
  )
  return producer.tracks
}

function current(): Run {
  if (run === undefined) throw new Error('start first')
  return run
}

export type LoopbackReport = Omit<Run, 'player' | 'producer'> & {
  readonly stats: PlayerStats
  readonly capture: CaptureStats
}

/** What the page did so far; `reset` forgets it afterwards. */
function report(reset = false): LoopbackReport {
  const { player, producer, ...rest } = current()
  const copy = structuredClone(rest)
  if (reset) {
    const { latencies, codes, skews, frames, levels, flashes, beeps } = rest
    for (const list of [latencies, codes, skews, frames, levels, flashes, beeps]) list.length = 0
    rest.unreadable = 0
  }
  return { ...copy, stats: player.stats, capture: producer.stats() }
}

/** The sentence an action ends with. */
async function failure(action: () => Promise<unknown>): Promise<string> {
  try {
    await action()
    return 'no error'
  } catch (error) {
    return error instanceof EngineError ? `${error.code}: ${error.message}` : String(error)
  }
}

/** Average green of 32 × 8 px there, 0..255. */
function brightness(canvas: HTMLCanvasElement, across: number, down: number): number {
  const context = canvas.getContext('2d')
  const pixels = context?.getImageData(canvas.width * across, canvas.height * down, 32, 8).data ?? []
  let sum = 0
  for (let index = 1; index < pixels.length; index += 4) sum += pixels[index] ?? 0
  return (sum * 4) / Math.max(1, pixels.length)
}

/** Listens to what goes to the loudspeaker, beside the player. */
function listenForBeeps(): void {
  const connect = AudioNode.prototype.connect as (this: AudioNode, target: AudioNode) => AudioNode
  AudioNode.prototype.connect = function (this: AudioNode, target: AudioNode) {
    const context = this.context as AudioContext
    if (target === context.destination) {
      const analyser = context.createAnalyser()
      analyser.fftSize = 256
      connect.call(this, analyser)
      const samples = new Float32Array(256)
      let quietSinceMs = 0
      setInterval(() => {
        analyser.getFloatTimeDomainData(samples)
        const nowMs = performance.now()
        if (Math.max(...samples) < 0.2) return
        // The first loud moment after half a second of quiet, and when that will be heard.
        if (nowMs - quietSinceMs > 500) run?.beeps.push(nowMs + context.outputLatency * 1000)
        quietSinceMs = nowMs
      }, 2)
    }
    return connect.call(this, target)
  } as typeof AudioNode.prototype.connect
}

const page = {
  listenForBeeps,
  start,
  report,
  failure,
  current,
  playTracks(tracks: readonly Track[]): void {
    new Player({ canvas: document.createElement('canvas') }).setTracks(tracks)
  },
  brightness: () => brightness(document.getElementById('screen') as HTMLCanvasElement, 0.4, 0.1),
  async stop(): Promise<void> {
    await run?.producer.close()
    await run?.player.close()
    run = undefined
  },
}

export type Loopback = typeof page
Object.assign(globalThis, { loopback: page })
