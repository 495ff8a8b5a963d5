/** Peak signal-to-noise ratio of two pictures of 8-bit samples, dB; Infinity when they are the same. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`${a.length} samples against ${b.length}`)
  let sum = 0
  for (const [index, value] of a.entries()) sum += (value - (b[index] ?? 0)) ** 2
  return 10 * Math.log10((255 * 255 * a.length) / sum)
}
