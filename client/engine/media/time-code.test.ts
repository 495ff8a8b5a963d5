import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeTimeCode, drawTimeCode, encodeTimeCode, readTimeCode } from './time-code.ts'

type Picture = { width: number; height: number; data: Uint8ClampedArray }

/** A grey picture with the strip, drawn through the two calls that drawing makes. */
function drawn(ms: number, width: number, height: number): Picture {
  const data = new Uint8ClampedArray(width * height * 4).fill(120)
  const context = {
    fillStyle: '',
    fillRect(left: number, top: number, across: number, down: number) {
      const level = this.fillStyle === '#fff' ? 255 : 0
      for (let y = top; y < top + down; y++)
        data.fill(level, (y * width + left) * 4, (y * width + left + across) * 4)
    },
  }
  drawTimeCode(context as unknown as OffscreenCanvasRenderingContext2D, width, height, ms)
  return { width, height, data }
}

/** Scaled by averaging, at television range, with noise: worse than 2.5 Mbit/s makes of it. */
function worn(picture: Picture, width: number, height: number, noise: () => number): Picture {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (const [across, down] of [
        [0.2, 0.2],
        [0.8, 0.2],
        [0.2, 0.8],
        [0.8, 0.8],
      ] as const) {
        const fromX = Math.floor(((x + across) * picture.width) / width)
        const fromY = Math.floor(((y + down) * picture.height) / height)
        sum += picture.data[(fromY * picture.width + fromX) * 4 + 1] ?? 0
      }
      data[(y * width + x) * 4 + 1] = 16 + (sum / 4) * 0.86 + (noise() - 0.5) * 90
    }
  }
  return { width, height, data }
}

test('P-CODE-1 every value comes back from its cells, and damage does not pass for another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 39 }), (ms, flipped) => {
      const cells = encodeTimeCode(ms)
      expect(decodeTimeCode(cells)).toBe(ms)
      expect(decodeTimeCode(encodeTimeCode(ms + 2 ** 32))).toBe(ms)
      expect(decodeTimeCode(cells.with(flipped, cells[flipped] !== true))).toBeUndefined()
      expect(
        decodeTimeCode(cells.with(flipped, cells[flipped] !== true).with(0, cells[0] !== true)),
      ).not.toBe(ms)
    }),
    { seed: 5, numRuns: 2_000 },
  )
  expect(decodeTimeCode(new Array(40).fill(false))).toBeUndefined()
  expect(decodeTimeCode(new Array(40).fill(true))).toBeUndefined()
  expect(decodeTimeCode([])).toBeUndefined()
})

test('P-CODE-1 it survives scaling to 360 lines and noise; a picture without it reads as none', () => {
  const sizes = fc.constantFrom([1280, 720], [1920, 1080], [640, 360], [854, 480], [720, 1280])
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      sizes,
      fc.integer(),
      (ms, [width = 0, height = 0], seed) => {
        const picture = drawn(ms, width, height)
        expect(readTimeCode(picture)).toBe(ms)
        let state = seed | 1
        const noise = () => {
          state = Math.imul(state, 1_103_515_245) + 12_345
          return (state >>> 16) / 65_536
        }
        const small = Math.round((width * 360) / height)
        expect(readTimeCode(worn(picture, small, 360, noise))).toBe(ms)
      },
    ),
    { seed: 5, numRuns: 15 },
  )
  expect(
    readTimeCode({ width: 640, height: 360, data: new Uint8ClampedArray(640 * 360 * 4).fill(90) }),
  ).toBeUndefined()
  expect(readTimeCode({ width: 0, height: 0, data: [] })).toBeUndefined()
})
