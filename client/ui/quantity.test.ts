import { describe, expect, it } from 'vitest'
import { bitrateText, bytesText, countText, durationText, latencyText, shortPeer } from './quantity.ts'

describe('quantities', () => {
  it('U-TEXT-1 reads as people write', () => {
    expect([bitrateText(0), bitrateText(849_600), bitrateText(2_512_000)]).toEqual([
      '0 kbit/s',
      '850 kbit/s',
      '2.5 Mbit/s',
    ])
    expect([bytesText(12_400), bytesText(3_420_000), bytesText(1_234_000_000)]).toEqual([
      '12 kB',
      '3.4 MB',
      '1.23 GB',
    ])
    expect([latencyText(-3), latencyText(83.6), latencyText(999.6), latencyText(1_240)]).toEqual([
      '0 ms',
      '84 ms',
      '1.0 s',
      '1.2 s',
    ])
    expect([durationText(59_999), durationText(60_000), durationText(11_100_000)]).toEqual([
      '59 s',
      '1 min',
      '3 h 05 min',
    ])
    expect([countText(0, 'viewer'), countText(1, 'viewer')]).toEqual(['0 viewers', '1 viewer'])
    expect(shortPeer('12D3KooWAbCdEf')).toBe('…AbCdEf')
  })
})
