/** DESIGN §9: a tick is 1,000 ms of media rendered. */
export const TICK_MS = 1_000
/** Media never runs faster than 1.1; what advances more was a jump, and was not played. */
const SPEED_MAX = 1.15
/**
 * Play-out reports at least every second, also from a hidden page. After a longer silence the page was frozen or the
 * machine slept: nobody can say that the media in between was rendered.
 */
export const METER_SILENCE_MAX_MS = 2_000
/** Separate spans of played media that are remembered; older ones melt into one, so that memory stays bounded. */
const SPANS_MAX = 64

export type MediaPrice = {
  readonly epoch: number
  /** planck a second; 0n: a free stream, whose ticks count but cost nothing. */
  readonly price: bigint
}

export type MeterOptions = {
  /** Of the media at this position, µs; undefined: preview, which is not counted. Absent: every tick is free. */
  readonly priceOf?: (positionUs: number) => MediaPrice | undefined
}

type Span = { fromUs: number; toUs: number }

/** Counts media that was rendered (docs/spec/pay.md, M-…): the only source of ticks. Takes monotonic ms. */
export class Meter {
  readonly #priceOf: (positionUs: number) => MediaPrice | undefined
  readonly #spans: Span[] = []
  #renderedMs = 0
  #countedMs = 0
  #ticks = 0
  #price: MediaPrice | undefined
  #last: { readonly positionUs: number; readonly nowMs: number; readonly isRendering: boolean } | undefined
  #newestEpoch = Number.NEGATIVE_INFINITY

  constructor(options: MeterOptions = {}) {
    this.#priceOf = options.priceOf ?? (() => ({ epoch: 0, price: 0n }))
  }

  /** Media rendered so far, ms, preview included. */
  get renderedMs(): number {
    return this.#renderedMs
  }

  get ticks(): number {
    return this.#ticks
  }

  /**
   * Where play-out stands; `isRendering`: whether the media up to here was seen or heard. Returns the ticks that are
   * complete with it, at most three.
   */
  advance(positionUs: number, nowMs: number, isRendering: boolean): MediaPrice[] {
    const last = this.#last
    this.#last = { positionUs, nowMs, isRendering }
    this.#followEpoch(positionUs)
    if (last === undefined || !isRendering || !last.isRendering) return []
    const elapsedMs = nowMs - last.nowMs
    if (!(elapsedMs > 0 && elapsedMs <= METER_SILENCE_MAX_MS && positionUs > last.positionUs)) return []
    const longestUs = elapsedMs * SPEED_MAX * 1000
    const fromUs = Math.max(last.positionUs, positionUs - longestUs)
    const freshMs = this.#cover(fromUs, positionUs) / 1000
    this.#renderedMs += freshMs
    const price = cheaper(this.#priceOf(fromUs), this.#priceOf(positionUs))
    return price === undefined ? [] : this.#count(freshMs, price)
  }

  /** Play-out goes on elsewhere: what lies between was not played. */
  jump(): void {
    this.#last = undefined
  }

  #count(freshMs: number, price: MediaPrice): MediaPrice[] {
    const ticks: MediaPrice[] = []
    if (freshMs <= 0) return ticks
    this.#countedMs += freshMs
    this.#price = this.#price === undefined ? price : cheaper(this.#price, price)
    while (this.#countedMs >= TICK_MS) {
      this.#countedMs -= TICK_MS
      this.#ticks++
      ticks.push(this.#price ?? price)
      this.#price = price
    }
    if (this.#countedMs === 0) this.#price = undefined
    return ticks
  }

  /** A later epoch at an earlier position: the creator's page was loaded anew and media time began again. */
  #followEpoch(positionUs: number): void {
    const epoch = this.#priceOf(positionUs)?.epoch
    if (epoch === undefined) return
    const newest = this.#spans.at(-1)
    if (epoch > this.#newestEpoch && newest !== undefined && positionUs < newest.toUs) this.#spans.length = 0
    this.#newestEpoch = Math.max(this.#newestEpoch, epoch)
  }

  /** Marks this media as played; returns how many µs of it were not before. */
  #cover(fromUs: number, toUs: number): number {
    let freshUs = toUs - fromUs
    let first = this.#spans.length
    while (first > 0 && (this.#spans[first - 1]?.toUs ?? 0) >= fromUs) first--
    let past = first
    const merged: Span = { fromUs, toUs }
    for (; past < this.#spans.length; past++) {
      const span = this.#spans[past]
      if (span === undefined || span.fromUs > toUs) break
      freshUs -= Math.max(0, Math.min(span.toUs, toUs) - Math.max(span.fromUs, fromUs))
      merged.fromUs = Math.min(merged.fromUs, span.fromUs)
      merged.toUs = Math.max(merged.toUs, span.toUs)
    }
    this.#spans.splice(first, past - first, merged)
    const [oldest, next] = this.#spans
    if (this.#spans.length > SPANS_MAX && oldest !== undefined && next !== undefined) {
      this.#spans.splice(0, 2, { fromUs: oldest.fromUs, toUs: next.toUs })
    }
    return Math.max(0, freshUs)
  }
}

/** Where two prices meet, the viewer pays the lower; where one is free preview, nothing. */
function cheaper(one: MediaPrice | undefined, other: MediaPrice | undefined): MediaPrice | undefined {
  if (one === undefined || other === undefined) return undefined
  return one.price < other.price ? one : other
}
