/** `nowMs`: performance.now() at which it was handed over. */
type Sink<Data> = (data: Data, nowMs: number) => void

/** A page that is busy for a moment skips pictures, but no sound: 1 s of it. */
const PICTURES_WAITING_MAX = 1
const SOUNDS_WAITING_MAX = 100

/** Captured pictures, as they come. Returns what stops it. The sink closes them. */
export function readPictures(track: MediaStreamTrack, sink: Sink<VideoFrame>): () => void {
  if (hasTrackProcessor()) return readByProcessor(track, PICTURES_WAITING_MAX, sink)
  return readByElement(track, sink)
}

/** Captured sound, as it comes. Returns what stops it. The sink closes it. */
export function readSound(track: MediaStreamTrack, sink: Sink<AudioData>): () => void {
  if (hasTrackProcessor()) return readByProcessor(track, SOUNDS_WAITING_MAX, sink)
  return readByWorklet(track, sink)
}

function hasTrackProcessor(): boolean {
  return 'MediaStreamTrackProcessor' in globalThis
}

function readByProcessor<Data extends VideoFrame | AudioData>(
  track: MediaStreamTrack,
  maxBufferSize: number,
  sink: Sink<Data>,
): () => void {
  // The types know no processor that is generic in its data; the track's kind decides what comes out.
  const processor = new MediaStreamTrackProcessor({ track: track as MediaStreamVideoTrack, maxBufferSize })
  const reader = (processor.readable as unknown as ReadableStream<Data>).getReader()
  let isStopped = false
  const read = async (): Promise<void> => {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      if (isStopped) value.close()
      else sink(value, performance.now())
    }
  }
  read().catch(() => {
    // The track ended: its owner hears of it by the track's own event.
  })
  return () => {
    isStopped = true
    reader.cancel().catch(() => {
      // Ended already.
    })
  }
}

/** Browsers without MediaStreamTrackProcessor in the page (Firefox; Safari has it in workers only). */
function readByElement(track: MediaStreamTrack, sink: Sink<VideoFrame>): () => void {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = new MediaStream([track])
  let handle = 0
  const next = () => {
    const nowMs = performance.now()
    if (video.videoWidth > 0) sink(new VideoFrame(video, { timestamp: Math.round(nowMs * 1000) }), nowMs)
    handle = video.requestVideoFrameCallback(next)
  }
  handle = video.requestVideoFrameCallback(next)
  video.play().catch(() => {
    // Muted video may always play; if the track has ended there is nothing to read.
  })
  return () => {
    video.cancelVideoFrameCallback(handle)
    video.srcObject = null
  }
}

// See sound-card.ts: only the address of a script that the bundler makes of the file.
class Worker {
  readonly url: URL

  constructor(url: URL, _options: { readonly type: 'module' }) {
    this.url = url
  }
}

function readByWorklet(track: MediaStreamTrack, sink: Sink<AudioData>): () => void {
  const context = new AudioContext({ latencyHint: 'interactive', sampleRate: 48_000 })
  const source = context.createMediaStreamSource(new MediaStream([track]))
  const { url } = new Worker(new URL('./capture-processor.js', import.meta.url), { type: 'module' })
  let isStopped = false
  const load = async (): Promise<void> => {
    await context.audioWorklet.addModule(url)
    if (isStopped) return
    const node = new AudioWorkletNode(context, 'vilokanam-capture', { channelCount: 2, numberOfOutputs: 1 })
    node.port.onmessage = (event: MessageEvent<Float32Array<ArrayBuffer>>) => {
      const nowMs = performance.now()
      const data = event.data
      const sound = { format: 'f32-planar', sampleRate: context.sampleRate, numberOfChannels: 2 } as const
      const timestamp = Math.round(nowMs * 1000)
      sink(new AudioData({ ...sound, numberOfFrames: data.length / 2, timestamp, data }), nowMs)
    }
    source.connect(node)
    // Its output is silence; connected, because a node that leads nowhere is not run.
    node.connect(context.destination)
  }
  load().catch(() => {
    // Without a worklet there is no sound; the picture goes on.
  })
  return () => {
    isStopped = true
    source.disconnect()
    void context.close()
  }
}
