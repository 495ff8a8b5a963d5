import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Av1SequenceCarrier } from './av1-sequence.ts'

const DELIMITER = [0x12, 0]
const SEQUENCE = [0x0a, 2, 7, 8]
const FRAME = [0x32, 3, 1, 2, 3]

it('H-AV1-1 a key frame without sequence header gets the last one seen, behind the temporal delimiter', () => {
  const carrier = new Av1SequenceCarrier()
  expect(carrier.complete(Uint8Array.from(FRAME))).toBeUndefined()
  const own = Uint8Array.from([...DELIMITER, ...SEQUENCE, ...FRAME])
  expect(carrier.complete(own)).toBe(own)
  expect(carrier.complete(Uint8Array.from([...DELIMITER, ...FRAME]))).toEqual(own)
  expect(carrier.complete(Uint8Array.from(FRAME))).toEqual(Uint8Array.from([...SEQUENCE, ...FRAME]))
})

it('H-AV1-1 whatever the bytes, it does not throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
      new Av1SequenceCarrier().complete(bytes)
    }),
  )
})
