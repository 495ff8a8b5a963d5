import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodedSize, resized, type VideoCodec } from './video-codec.ts'

test('P-ENCODE-3 sizes are even, within the bounds, never larger than the source, and keep their shape', () => {
  const length = fc.integer({ min: 64, max: 7_680 })
  fc.assert(
    fc.property(length, length, length, length, (width, height, boundWidth, boundHeight) => {
      const size = encodedSize({ width, height }, { width: boundWidth, height: boundHeight })
      expect(size.width % 2).toBe(0)
      expect(size.height % 2).toBe(0)
      expect(size.width).toBeLessThanOrEqual(Math.max(2, Math.min(width, boundWidth)))
      expect(size.height).toBeLessThanOrEqual(Math.max(2, Math.min(height, boundHeight)))
      const scale = Math.min(1, boundWidth / width, boundHeight / height)
      expect(Math.abs(size.width - width * scale)).toBeLessThanOrEqual(2)
      expect(Math.abs(size.height - height * scale)).toBeLessThanOrEqual(2)
    }),
    { seed: 2 },
  )
  expect(encodedSize({ width: 1279, height: 719 }, { width: 1280, height: 720 })).toEqual({
    width: 1278,
    height: 718,
  })
  expect(encodedSize({ width: 1920, height: 1080 }, { width: 1280, height: 720 })).toEqual({
    width: 1280,
    height: 720,
  })
})

test('P-ENCODE-1 the level fits size and rate, within the same codec', () => {
  const wish = { width: 1280, height: 720, frameRate: 30, bitrate: 2_500_000 }
  const codecOf = (codec: string, size: Partial<typeof wish>): string => {
    const config = { codec, width: 2, height: 2 }
    const before: VideoCodec = { config, temporalLayers: 2 }
    return resized(before, { ...wish, ...size }).config.codec
  }
  expect(codecOf('avc1.42e01f', {})).toBe('avc1.42e01f')
  expect(codecOf('avc1.42e01f', { frameRate: 60 })).toBe('avc1.42e028')
  expect(codecOf('avc1.42e01f', { width: 1920, height: 1080 })).toBe('avc1.42e028')
  expect(codecOf('avc1.42e01f', { width: 3840, height: 2160 })).toBe('avc1.42e033')
  expect(codecOf('vp09.00.31.08', { width: 1920, height: 1080 })).toBe('vp09.00.40.08')
  expect(codecOf('vp8', { width: 1920, height: 1080 })).toBe('vp8')
})
