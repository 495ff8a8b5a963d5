import { type CaptureSource, type OpenedSource, openSource } from '../../engine/media/capture.ts'

/** What the preview shows: one source at most, opened and closed as the form changes. */
export class SourceSlot {
  readonly #onChange: () => void
  #source: OpenedSource | undefined
  #opening: AbortController | undefined

  /** `onChange`: something was opened or closed, also by the user outside the page (the end of a shared screen). */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get stream(): MediaStream | undefined {
    return this.#source?.stream
  }

  get isOpening(): boolean {
    return this.#opening !== undefined
  }

  /** What is open, else `wanted`. Undefined when closed meanwhile. Throws the EngineErrors of openSource. */
  async open(wanted: CaptureSource): Promise<MediaStream | undefined> {
    if (this.#source !== undefined) return this.#source.stream
    this.#opening?.abort()
    const opening = new AbortController()
    this.#opening = opening
    this.#onChange()
    try {
      const source = await openSource(wanted, { signal: opening.signal })
      this.#source = source
      for (const track of source.stream.getTracks())
        track.addEventListener('ended', () => {
          const isOver = source.stream.getTracks().every(other => other.readyState === 'ended')
          if (isOver && this.#source === source) this.close()
        })
      return source.stream
    } catch (error) {
      if (opening.signal.aborted) return undefined
      throw error
    } finally {
      if (this.#opening === opening) this.#opening = undefined
      this.#onChange()
    }
  }

  /** Switches devices off. Idempotent. */
  close(): void {
    this.#opening?.abort()
    this.#opening = undefined
    this.#source?.close()
    this.#source = undefined
    this.#onChange()
  }
}
