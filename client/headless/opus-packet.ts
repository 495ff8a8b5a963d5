const SILK_FRAME_US = [10_000, 20_000, 40_000, 60_000] as const
const HYBRID_FRAME_US = [10_000, 20_000] as const
const CELT_FRAME_US = [2_500, 5_000, 10_000, 20_000] as const

/** How long an Opus packet sounds, µs (RFC 6716, 3.1); 0 for an empty one. Containers round it or leave it out. */
export function opusDurationUs(packet: Uint8Array): number {
  const toc = packet[0]
  if (toc === undefined) return 0
  const config = toc >> 3
  const frameUs =
    config < 12
      ? SILK_FRAME_US[config & 3]
      : config < 16
        ? HYBRID_FRAME_US[config & 1]
        : CELT_FRAME_US[config & 3]
  const frames = [1, 2, 2, (packet[1] ?? 0) & 0x3f][toc & 3]
  return (frameUs ?? 0) * (frames ?? 0)
}
