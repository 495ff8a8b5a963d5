/** A page of `bench:latency`: the creator of a test pattern, or a viewer that relays and, when told, renders. */
import { Broadcaster } from '../../client/engine/broadcaster.ts'
import { createBrowserDeps } from '../../client/engine/browser.ts'
import { consoleLogger } from '../../client/engine/console-logger.ts'
import { createCaptureProducer, openSource } from '../../client/engine/media/capture.ts'
import { Player } from '../../client/engine/media/player.ts'
import { readCanvasTimeCode } from '../../client/engine/media/time-code.ts'
import { Viewer } from '../../client/engine/viewer.ts'
import { parseStreamId } from '../../shared/protocol/ids.ts'

/** Times are Date.now(): the clock that all pages of a machine share, and that the test pattern shows. */
export type Rendered = {
  readonly shown: readonly { readonly timestampUs: number; readonly code: number; readonly atMs: number }[]
  readonly arrived: readonly (readonly [timestampUs: number, atMs: number])[]
  readonly unreadable: number
  readonly dropped: number
  readonly targetMs: number
  readonly clock: string
}

export type Created = { readonly streamId: string; readonly videoCodec: string | undefined }

export type LatencyPage = {
  create(trackers: readonly string[], slots: number, bitrate: number): Promise<Created>
  /** When each picture left the encoder, since the last call. */
  encoded(): (readonly [timestampUs: number, atMs: number])[]
  join(trackers: readonly string[], streamId: string): Promise<void>
  /** Undefined while not attached. */
  depth(): number | undefined
  /** Plays for `ms` after a start-up that is not counted, then only relays again. */
  render(startUpMs: number, ms: number): Promise<Rendered>
}

declare global {
  var latencyPage: LatencyPage
}

const deps = (trackers: readonly string[]) =>
  createBrowserDeps({ trackers, isDev: true, logger: consoleLogger('error') })

let viewer: Viewer | undefined
let encoded: (readonly [timestampUs: number, atMs: number])[] = []

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

globalThis.latencyPage = {
  async create(trackers, slots, bitrate) {
    const source = await openSource({ kind: 'test-pattern', width: 1280, height: 720, frameRate: 30 })
    const producer = await createCaptureProducer(source.stream, { videoBitrate: bitrate })
    const broadcaster = new Broadcaster(await deps(trackers), { slots })
    const { streamId } = await broadcaster.startStream({ title: 'latency', tracks: producer.tracks })
    const video = producer.tracks.find(({ kind }) => kind === 'video')
    producer.start(
      frame => {
        if (frame.track === video?.id) encoded.push([frame.timestampUs, Date.now()])
        broadcaster.push(frame)
      },
      error => {
        throw error ?? new Error('the test pattern ended')
      },
    )
    return { streamId, videoCodec: video?.codec }
  },

  encoded() {
    const taken = encoded
    encoded = []
    return taken
  },

  async join(trackers, streamId) {
    viewer = new Viewer(await deps(trackers), { slots: 1 })
    await viewer.joinStream(parseStreamId(streamId))
  },

  depth() {
    return viewer?.stats?.depth
  },

  async render(startUpMs, ms) {
    const watched = viewer
    const tracks = watched?.streamInfo?.manifest.tracks
    if (watched === undefined || tracks === undefined) throw new Error('not joined')
    const canvas = document.querySelector('canvas')
    if (canvas === null) throw new Error('the page has no canvas')
    const video = tracks.find(({ kind }) => kind === 'video')
    const player = new Player({ canvas })
    player.setTracks(tracks)
    const shown: Rendered['shown'][number][] = []
    const arrived: Rendered['arrived'][number][] = []
    let unreadable = 0
    let isCounting = false
    const stop = watched.on('frame', frame => {
      if (isCounting && frame.track === video?.id) arrived.push([frame.timestampUs, Date.now()])
      player.push(frame)
    })
    player.on('shown', ({ timestampUs }) => {
      if (!isCounting) return
      const atMs = Date.now()
      const code = readCanvasTimeCode(canvas)
      if (code === undefined) unreadable += 1
      else shown.push({ timestampUs, code, atMs })
    })
    await sleep(startUpMs)
    isCounting = true
    const before = player.stats.droppedFrames
    await sleep(ms)
    isCounting = false
    const { droppedFrames, targetMs, clock } = player.stats
    stop()
    await player.close()
    return { shown, arrived, unreadable, dropped: droppedFrames - before, targetMs, clock }
  },
}
