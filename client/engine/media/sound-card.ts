import type { SoundCommand, SoundReport } from './sound-message.ts'

/**
 * The least the browser offers. 'interactive' queues 42 ms in Chromium on Linux, this 12; and since the picture may lead
 * its sound by little, what the sound card queues is latency of the picture too.
 */
const LATENCY_HINT_S = 0
/** A context that is allowed to play does so well within this. */
const GESTURE_AFTER_MS = 700

export type SoundCardListener = {
  onRunning(): void
  onLost(): void
  onReport(report: SoundReport): void
  onGesture(isNeeded: boolean): void
  /** The browser has no AudioWorklet, or could not load it. */
  onFailed(error: unknown): void
}

// Vite bundles what `new Worker(new URL(…))` names as a script of its own, in development and in production, and
// leaves a plain file for everybody else. That is what a worklet under `script-src 'self'` needs, so the address is
// written in that form; nothing but the address is used.
class Worker {
  readonly url: URL

  constructor(url: URL, _options: { readonly type: 'module' }) {
    this.url = url
  }
}

function processorUrl(): URL {
  return new Worker(new URL('./playout-processor.js', import.meta.url), { type: 'module' }).url
}

/** AudioContext and worklet of one player. Runs when the browser allows it; says when it does and when it stops. */
export class SoundCard {
  readonly #context: AudioContext
  readonly #gain: GainNode
  readonly #listener: SoundCardListener
  #node: AudioWorkletNode | undefined
  #isRunning = false
  #needsGesture = false
  #isClosed = false

  /** `sampleRate`: of the sound that is pushed. */
  constructor(sampleRate: number, listener: SoundCardListener) {
    this.#listener = listener
    this.#context = new AudioContext({ latencyHint: LATENCY_HINT_S, sampleRate })
    this.#gain = this.#context.createGain()
    this.#gain.connect(this.#context.destination)
    this.#context.addEventListener('statechange', () => this.#update())
    this.#load().catch((error: unknown) => {
      if (!this.#isClosed) listener.onFailed(error)
    })
    setTimeout(() => {
      if (!this.#isClosed && this.#context.state !== 'running') this.#setGesture(true)
    }, GESTURE_AFTER_MS)
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  get needsGesture(): boolean {
    return this.#needsGesture
  }

  setVolume(volume: number): void {
    // 10 ms, so that a step is not heard as a click.
    this.#gain.gain.setTargetAtTime(volume, this.#context.currentTime, 0.01)
  }

  async resume(): Promise<void> {
    if (!this.#isClosed) await this.#context.resume()
  }

  /** performance.now() at which this context frame reaches the ear. */
  heardAtMs(frame: number): number {
    const { contextTime, performanceTime } = this.#outputTimestamp()
    return performanceTime + (frame / this.#context.sampleRate - contextTime) * 1000
  }

  /** The context frame that reaches the ear at this performance.now(). */
  frameHeardAt(atMs: number): number {
    const { contextTime, performanceTime } = this.#outputTimestamp()
    return Math.round((contextTime + (atMs - performanceTime) / 1000) * this.#context.sampleRate)
  }

  post(command: SoundCommand): void {
    if (!this.#isRunning) return
    const planes = command.kind === 'sound' ? command.planes.map(plane => plane.buffer as ArrayBuffer) : []
    this.#node?.port.postMessage(command, planes)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isRunning = false
    this.#node?.port.close()
    this.#node?.disconnect()
    if (this.#context.state !== 'closed') await this.#context.close()
  }

  async #load(): Promise<void> {
    await this.#context.audioWorklet.addModule(processorUrl())
    if (this.#isClosed) return
    const node = new AudioWorkletNode(this.#context, 'vilokanam-playout', {
      numberOfInputs: 0,
      outputChannelCount: [2],
    })
    node.port.onmessage = (event: MessageEvent<SoundReport>) => {
      if (this.#isRunning) this.#listener.onReport(event.data)
    }
    node.connect(this.#gain)
    this.#node = node
    this.#update()
  }

  #update(): void {
    if (this.#isClosed) return
    const isRunning = this.#context.state === 'running' && this.#node !== undefined
    if (this.#context.state === 'running') this.#setGesture(false)
    if (isRunning === this.#isRunning) return
    this.#isRunning = isRunning
    if (isRunning) this.#listener.onRunning()
    else this.#listener.onLost()
  }

  #setGesture(isNeeded: boolean): void {
    if (this.#needsGesture === isNeeded) return
    this.#needsGesture = isNeeded
    this.#listener.onGesture(isNeeded)
  }

  #outputTimestamp(): { contextTime: number; performanceTime: number } {
    const { contextTime, performanceTime } = this.#context.getOutputTimestamp()
    // Zero until the first sound came out.
    if (contextTime !== undefined && performanceTime !== undefined && contextTime > 0) {
      return { contextTime, performanceTime }
    }
    const latency = this.#context.outputLatency || this.#context.baseLatency
    return { contextTime: this.#context.currentTime - latency, performanceTime: performance.now() }
  }
}
