import type { CaptureSource, OpenedSource } from './capture-types.ts'
import { drawTimeCode } from './time-code.ts'

/** Colour bars of SMPTE's order, at three quarters. */
const BARS = ['#bfbfbf', '#bfbf00', '#00bfbf', '#00bf00', '#bf00bf', '#bf0000', '#0000bf']
const RATE = 48_000
const TONE_HZ = 440
const TONE_GAIN = 0.08
/** At each full second, together with a white flash: eyes and ears can check the two against each other. */
const BEEP_HZ = 880
const BEEP_GAIN = 0.3
const BEEP_S = 0.1

/** A moving picture with a clock, and a tone with a beep each second. */
export async function openTestPattern(
  source: Extract<CaptureSource, { kind: 'test-pattern' }>,
): Promise<OpenedSource> {
  const width = source.width ?? 1280
  const height = source.height ?? 720
  const frameRate = source.frameRate ?? 30
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { alpha: false })
  const picture = openPictureTrack(canvas, frameRate)
  const tone = startTone()
  let count = 0
  const stopTicking = tick(1000 / frameRate, () => {
    if (context === null) return
    draw(context, width, height, count++, tone.seconds())
    picture.push()
  })
  return {
    stream: new MediaStream([picture.track, ...tone.tracks]),
    close() {
      stopTicking()
      picture.close()
      tone.close()
    },
  }
}

function draw(
  context: OffscreenCanvasRenderingContext2D,
  width: number,
  height: number,
  count: number,
  seconds: number,
): void {
  const now = Date.now()
  for (const [index, colour] of BARS.entries()) {
    context.fillStyle = colour
    context.fillRect(Math.floor((index * width) / BARS.length), 0, Math.ceil(width / BARS.length), height)
  }
  const isBeep = seconds % 1 < BEEP_S
  context.fillStyle = isBeep ? '#fff' : '#202020'
  context.fillRect(width * 0.25, height * 0.3, width * 0.5, height * 0.34)
  const angle = (seconds % 1) * 2 * Math.PI
  const radius = height * 0.06
  context.fillStyle = '#ff8000'
  context.beginPath()
  context.arc(
    width / 2 + Math.sin(angle) * width * 0.38,
    height * 0.47 - Math.cos(angle) * height * 0.36,
    radius,
    0,
    2 * Math.PI,
  )
  context.fill()
  context.fillStyle = isBeep ? '#000' : '#fff'
  context.font = `bold ${Math.round(height * 0.11)}px monospace`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(new Date(now).toISOString().slice(11, 23), width / 2, height * 0.43)
  context.font = `${Math.round(height * 0.05)}px monospace`
  context.fillText(`picture ${count}`, width / 2, height * 0.56)
  drawTimeCode(context, width, height, now)
}

type PictureTrack = { readonly track: MediaStreamTrack; push(): void; close(): void }

function openPictureTrack(canvas: OffscreenCanvas, frameRate: number): PictureTrack {
  if ('MediaStreamTrackGenerator' in globalThis) return generatedTrack(canvas)
  return canvasTrack(canvas, frameRate)
}

/** Chrome: pictures flow in a hidden page too. */
function generatedTrack(canvas: OffscreenCanvas): PictureTrack {
  const track = new MediaStreamTrackGenerator({ kind: 'video' })
  const writer = track.writable.getWriter()
  return {
    track,
    push() {
      const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) })
      writer.write(frame).catch(() => frame.close())
    },
    close() {
      track.stop()
      writer.close().catch(() => {
        // The track was stopped first.
      })
    },
  }
}

function canvasTrack(drawn: OffscreenCanvas, frameRate: number): PictureTrack {
  const canvas = document.createElement('canvas')
  canvas.width = drawn.width
  canvas.height = drawn.height
  const context = canvas.getContext('2d', { alpha: false })
  const [track] = canvas.captureStream(frameRate).getVideoTracks()
  if (track === undefined) throw new Error('A captured canvas has one video track.')
  return { track, push: () => context?.drawImage(drawn, 0, 0), close: () => track.stop() }
}

function startTone(): { readonly tracks: readonly MediaStreamTrack[]; seconds(): number; close(): void } {
  const context = new AudioContext({ sampleRate: RATE })
  const buffer = context.createBuffer(1, RATE, RATE)
  const samples = buffer.getChannelData(0)
  for (let index = 0; index < RATE; index++) {
    const seconds = index / RATE
    const isBeep = seconds < BEEP_S
    const wave = Math.sin(2 * Math.PI * (isBeep ? BEEP_HZ : TONE_HZ) * seconds)
    samples[index] = wave * (isBeep ? BEEP_GAIN : TONE_GAIN)
  }
  const source = context.createBufferSource()
  source.buffer = buffer
  source.loop = true
  const destination = context.createMediaStreamDestination()
  source.connect(destination)
  const beganAt = context.currentTime
  source.start(beganAt)
  void context.resume()
  return {
    tracks: destination.stream.getAudioTracks(),
    seconds: () => context.currentTime - beganAt,
    close() {
      source.stop()
      void context.close()
    },
  }
}

/** Evenly, also while the page is hidden: a page's own timers then run once a second, a worker's do not. */
function tick(everyMs: number, action: () => void): () => void {
  const worker = new Worker(new URL('./tick-worker.js', import.meta.url), { type: 'module' })
  worker.onmessage = action
  worker.postMessage(everyMs)
  return () => worker.terminate()
}
