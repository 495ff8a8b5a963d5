import { AudioRing } from '../../../shared/media/audio-ring.ts'
import type { SoundCommand, SoundReport } from './sound-message.ts'

// What of AudioWorkletGlobalScope is used here; TypeScript's DOM library has no types for it.
declare const currentFrame: number
declare const sampleRate: number
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void

/** 21 ms at 48,000 samples/s: often enough for the clock to follow, seldom enough to cost nothing. */
const REPORT_EVERY_FRAMES = 1_024

/** The sound card's end of play-out: pulls from the ring, and says where it stands. */
class PlayoutProcessor extends AudioWorkletProcessor {
  readonly #ring = new AudioRing(sampleRate)
  #seek = 0
  #reportAtFrame = 0
  #energy = 0
  #samples = 0

  constructor() {
    super()
    this.port.onmessage = (event: MessageEvent<SoundCommand>) => this.#carryOut(event.data)
  }

  process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
    const left = outputs[0]?.[0]
    const right = outputs[0]?.[1]
    if (left === undefined || right === undefined) return true
    this.#ring.pull(left, right)
    for (const sample of left) this.#energy += sample * sample
    this.#samples += left.length
    if (currentFrame >= this.#reportAtFrame) this.#report(currentFrame + left.length)
    return true
  }

  #carryOut(command: SoundCommand): void {
    switch (command.kind) {
      case 'sound':
        this.#ring.push(command.timestampUs, command.planes)
        break
      case 'seek': {
        const aheadUs = ((currentFrame - command.atFrame) * 1e6) / sampleRate
        this.#ring.seek(command.positionUs + aheadUs, command.isFree)
        this.#seek = command.seek
        break
      }
      case 'speed':
        this.#ring.setSpeed(command.speed)
        break
      case 'stop':
        this.#ring.stop()
        break
    }
  }

  #report(nextFrame: number): void {
    const positionUs = this.#ring.positionUs
    const report: SoundReport = {
      seek: this.#seek,
      frame: nextFrame,
      ...(positionUs !== undefined && { positionUs }),
      state: this.#ring.state,
      level: Math.sqrt(this.#energy / Math.max(1, this.#samples)),
      silentMs: (this.#ring.silentSamples * 1000) / sampleRate,
    }
    this.port.postMessage(report)
    this.#reportAtFrame = nextFrame + REPORT_EVERY_FRAMES
    this.#energy = 0
    this.#samples = 0
  }
}

registerProcessor('vilokanam-playout', PlayoutProcessor)
