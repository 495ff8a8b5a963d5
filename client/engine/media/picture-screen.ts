/** Decoded pictures until they are drawn or discarded; each is closed exactly once. */
export class PictureScreen {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D | null
  readonly #pictures = new Map<number, VideoFrame>()
  readonly #shownAtMs: number[] = []
  #shown = 0

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#context = canvas.getContext('2d', { alpha: false })
  }

  get shownFrames(): number {
    return this.#shown
  }

  shownFps(nowMs: number): number {
    while ((this.#shownAtMs[0] ?? nowMs) < nowMs - 1000) this.#shownAtMs.shift()
    return this.#shownAtMs.length
  }

  add(picture: VideoFrame): void {
    this.discard(picture.timestamp)
    this.#pictures.set(picture.timestamp, picture)
  }

  /** False if there is no such picture. */
  show(timestampUs: number, nowMs: number): boolean {
    const picture = this.#pictures.get(timestampUs)
    if (picture === undefined) return false
    const { displayWidth, displayHeight } = picture
    if (this.#canvas.width !== displayWidth) this.#canvas.width = displayWidth
    if (this.#canvas.height !== displayHeight) this.#canvas.height = displayHeight
    this.#context?.drawImage(picture, 0, 0, displayWidth, displayHeight)
    this.discard(timestampUs)
    this.#shown++
    this.#shownAtMs.push(nowMs)
    if (this.#shownAtMs.length > 240) this.#shownAtMs.shift()
    return true
  }

  discard(timestampUs: number): void {
    this.#pictures.get(timestampUs)?.close()
    this.#pictures.delete(timestampUs)
  }

  clear(): void {
    for (const timestampUs of [...this.#pictures.keys()]) this.discard(timestampUs)
  }
}
