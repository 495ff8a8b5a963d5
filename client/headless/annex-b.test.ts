import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DamagedPacketError, parseAvcConfig, toAnnexB } from './annex-b.ts'

const SPS = [0x67, 0x42, 0xc0, 0x1e]
const PPS = [0x68, 0xcb]
const AVCC = Uint8Array.from([1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 4, ...SPS, 1, 0, 2, ...PPS])
const START = [0, 0, 0, 1]
const prefixed = (...nals: number[][]) => Uint8Array.from(nals.flatMap(nal => [0, 0, 0, nal.length, ...nal]))

describe('H.264 in band', () => {
  const config = parseAvcConfig(AVCC)

  it('H-AVC-1 an IDR picture gets the parameter sets, behind an access unit delimiter if there is one', () => {
    expect(toAnnexB(prefixed([9, 0xf0], [0x65, 1, 2]), config)).toEqual({
      isKey: true,
      payload: Uint8Array.from([...START, 9, 0xf0, ...START, ...SPS, ...START, ...PPS, ...START, 0x65, 1, 2]),
    })
  })

  it('H-AVC-1 a picture that brings its own keeps them; others get none', () => {
    expect(toAnnexB(prefixed(SPS, PPS, [0x65, 1]), config).payload).toEqual(
      Uint8Array.from([...START, ...SPS, ...START, ...PPS, ...START, 0x65, 1]),
    )
    expect(toAnnexB(prefixed([0x41, 7]), config)).toEqual({
      isKey: false,
      payload: Uint8Array.from([...START, 0x41, 7]),
    })
  })

  it('H-AVC-1 reads lengths of 1, 2 and 4 bytes', () => {
    for (const lengthBytes of [1, 2, 4]) {
      const length = new Array<number>(lengthBytes).fill(0).with(-1, 2)
      const unit = Uint8Array.from([...length, 0x41, 9])
      const converted = toAnnexB(unit, { ...config, lengthBytes })
      expect(converted.payload).toEqual(Uint8Array.from([...START, 0x41, 9]))
    }
  })

  it('H-AVC-2 a recovery point is no key frame: not every decoder starts there', () => {
    const recoveryPoint = [6, 6, 1, 0xc4, 0x80]
    expect(toAnnexB(prefixed(recoveryPoint, [0x41, 7]), config).isKey).toBe(false)
  })

  it('H-AVC-3 whatever the bytes, it converts or throws DamagedPacketError', () => {
    const orDamaged = (work: () => unknown) => {
      try {
        work()
      } catch (error) {
        expect(error).toBeInstanceOf(DamagedPacketError)
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        orDamaged(() => toAnnexB(bytes, config))
        orDamaged(() => parseAvcConfig(bytes))
      }),
    )
  })

  it('H-AVC-3 a length past the end and a set forbidden bit are damage', () => {
    expect(() => toAnnexB(Uint8Array.from([0, 0, 0, 9, 0x41]), config)).toThrow(DamagedPacketError)
    expect(() => toAnnexB(Uint8Array.from([0, 0, 0, 1, 0xc1]), config)).toThrow(DamagedPacketError)
    expect(() => parseAvcConfig(AVCC.subarray(0, 10))).toThrow(DamagedPacketError)
  })
})
