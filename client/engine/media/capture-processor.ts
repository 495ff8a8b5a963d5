declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void

/** 10 ms at 48,000 samples/s, as browsers with MediaStreamTrackProcessor give it. */
const BLOCK = 480

/** Hands captured sound to the page: blocks of left, then right. */
class CaptureProcessor extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK * 2)
  #filled = 0

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const left = inputs[0]?.[0]
    if (left === undefined) return true
    const right = inputs[0]?.[1] ?? left
    for (let index = 0; index < left.length; index++) {
      this.#block[this.#filled] = left[index] ?? 0
      this.#block[BLOCK + this.#filled] = right[index] ?? 0
      this.#filled++
      if (this.#filled < BLOCK) continue
      this.port.postMessage(this.#block, [this.#block.buffer])
      this.#block = new Float32Array(BLOCK * 2)
      this.#filled = 0
    }
    return true
  }
}

registerProcessor('vilokanam-capture', CaptureProcessor)
