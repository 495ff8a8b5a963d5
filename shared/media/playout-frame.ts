/** What play-out needs to know of a frame; the shell's frame has more in it. */
export type PlayoutFrame = {
  readonly seq: number
  readonly timestampUs: number
  readonly durationUs: number
  readonly isKey: boolean
  readonly temporalLayer: number
}
