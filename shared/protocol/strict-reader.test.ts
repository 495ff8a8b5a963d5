import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PeerFrame } from './generated/peer.ts'
import { ChainRecord } from './generated/records.ts'
import { decodePeerMessage } from './peer-message.ts'
import { decodeOneKind, decodeStrictly, StrictReader } from './strict-reader.ts'
import { refusalOf } from './testing/refusal.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const peer = (text: string) => refusalOf(() => decodePeerMessage(hex(text)))

test('W-PB-1 a message past its limit is refused before anything of it is read', () => {
  const bytes = new Uint8Array(101).fill(0xff)
  expect(refusalOf(() => decodeStrictly(ChainRecord.codec(), bytes, 100))).toBe('too-large')
  expect(refusalOf(() => decodeOneKind(PeerFrame.codec(), bytes, 100))).toBe('too-large')
})

test('W-PB-2 exactly one kind', () => {
  expect(peer('')).toBe('unknown-kind')
  expect(peer('7a02 0801')).toBeUndefined()
  expect(peer('7a02 0801 8201 02 0801')).toBe('bad-field')
  expect(peer('7a02 0801 7a02 0801')).toBe('bad-field')
})

test('W-PB-3 unknown fields are skipped, also beside a kind and inside it', () => {
  // Field 99 as a number, as 8 bytes, as bytes and as 4 bytes.
  const unknown = '9806 ffffffffffffffffff01  9906 0102030405060708  9a06 02 aabb  9d06 01020304'
  const inside = `08 01 ${unknown}`.replaceAll(' ', '')
  const length = (inside.length / 2).toString(16)
  expect(decodePeerMessage(hex(`${unknown} 7a ${length} ${inside} ${unknown}`))).toEqual({
    kind: 'ping',
    nonce: 1,
  })
  expect(peer(unknown)).toBe('unknown-kind')
})

test('W-PB-4 a field must not run past its message', () => {
  // Ping's length says 1, its nonce takes 2; an unknown field of 4 bytes of which 2 are there; a length of 2^32 - 1.
  expect(peer('7a01 0801')).toBe('truncated')
  expect(peer('7a04 9d06 0102 0304')).toBe('truncated')
  expect(peer('7a ffffffff0f 08')).toBe('truncated')
  // The record inside announces one byte more than the message around it holds.
  expect(peer('9201 04 0a03 6666 66')).toBe('truncated')
})

test('W-PB-4 the wire type must be the field’s', () => {
  // A nonce in 4 bytes and in 8; a record as a number; a number of 64 bits as bytes; an enumeration as bytes.
  expect(peer('7a05 0d 01020304')).toBe('bad-field')
  expect(peer('7a09 09 0102030405060708')).toBe('bad-field')
  expect(peer('9201 02 0801')).toBe('bad-field')
  expect(peer('8a01 03 0a01 01')).toBe('bad-field')
  expect(peer('1203 0a01 01')).toBe('bad-field')
})

test('W-PB-4 a number where a message is due counts as a field of its own kind and of the one around it', () => {
  // Field 15 as the number 2: the generated code reads the next two bytes as Ping's, we count two kinds.
  expect(peer('78 02 0805')).toBe('bad-field')
  expect(peer('78 ffffffff0f 0805')).toBe('truncated')
})

test('W-PB-4 groups, the wire types after them and field 0 are refused', () => {
  expect(peer('7a02 0801 9b06 9c06')).toBe('bad-field')
  expect(peer('7a02 0801 9c06')).toBe('bad-field')
  expect(peer('7a02 0801 9e06')).toBe('bad-field')
  expect(peer('7a02 0801 0001')).toBe('bad-field')
})

test('W-PB-4 groups in groups do not grow the stack', () => {
  expect(refusalOf(() => decodePeerMessage(new Uint8Array(16_384).fill(0x0b)))).toBe('bad-field')
  expect(refusalOf(() => decodePeerMessage(new Uint8Array(16_384).fill(0x9b)))).toBe('bad-field')
})

test('W-PB-4 numbers end within ten bytes and within their range', () => {
  // nonce: 2^32 - 1, 2^32, eleven bytes; ack.media: 2^53 - 1, 2^53.
  expect(decodePeerMessage(hex('7a06 08 ffffffff0f'))).toEqual({ kind: 'ping', nonce: 2 ** 32 - 1 })
  expect(peer('7a06 08 8080808010')).toBe('bad-field')
  expect(peer('7a0c 08 8080808080808080808000')).toBe('bad-field')
  const ack = decodePeerMessage(hex('8a01 09 08 ffffffffffffff0f'))
  expect(ack).toEqual({ kind: 'ack', media: Number.MAX_SAFE_INTEGER, repair: 0 })
  expect(peer('8a01 09 08 8080808080808010')).toBe('bad-field')
})

test('W-PB-4 an over-long number is read to its end', () => {
  // protons' own reader would go on in the middle of it. media: 1 in five bytes; repair: 2.
  expect(decodePeerMessage(hex('8a01 08 08 8180808000 10 02'))).toEqual({ kind: 'ack', media: 1, repair: 2 })
})

test('W-PB-4 a flag is 0 or 1', () => {
  const reader = new StrictReader(hex('0802'))
  reader.uint32()
  expect(refusalOf(() => reader.bool())).toBe('bad-field')
})

test('W-PB-5 broken UTF-8 in a text field is refused', () => {
  const reader = new StrictReader(hex('0a02 c080'))
  reader.uint32()
  expect(refusalOf(() => reader.string())).toBe('bad-field')
})

test('W-PB-6 the generated decoders call nothing of a reader that StrictReader has not', () => {
  const folder = join(import.meta.dirname, 'generated')
  const used = new Set(['int32']) // by the runtime, for enumerations
  for (const name of readdirSync(folder).filter(file => file.endsWith('.ts'))) {
    for (const [, member] of readFileSync(join(folder, name), 'utf8').matchAll(/\breader\.(\w+)/g)) {
      if (member !== undefined) used.add(member)
    }
  }
  expect(used.size).toBeGreaterThan(6)
  const reader = new StrictReader(new Uint8Array())
  expect([...used].filter(member => !(member in reader))).toEqual([])
})
