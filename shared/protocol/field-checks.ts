import { U16_MAX, U48_MAX } from './big-endian.ts'
import { isWellFormed } from './utf8.ts'
import { WireError } from './wire-error.ts'

export const KEY_BYTES = 32
export const HASH_BYTES = 32
export const SIGNATURE_BYTES = 64
/** Control characters: they could move a terminal's cursor or hide a line in a log. */
const CONTROL = /\p{Cc}/u
const CONTROL_BUT_NEWLINE = /(?!\n)\p{Cc}/u

/** Each returns what it was given, or throws WireError naming the field. */
export function bytesOf(name: string, value: Uint8Array, length: number): Uint8Array {
  if (value.length !== length)
    throw new WireError('bad-field', `${name}: ${value.length} bytes, not ${length}`)
  return value
}

export function bytesUpTo(name: string, value: Uint8Array, max: number, min = 0): Uint8Array {
  if (value.length > max) throw new WireError('too-large', `${name}: ${value.length} bytes, at most ${max}`)
  if (value.length < min) throw new WireError('bad-field', `${name}: missing`)
  return value
}

export function integer(name: string, value: number, max: number, min = 0): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new WireError('bad-field', `${name}: ${value} is not within ${min}..${max}`)
  }
  return value
}

export function track(value: number): number {
  return integer('track', value, U16_MAX)
}

export function seq(value: number): number {
  return integer('seq', value, U48_MAX)
}

/** One line, or with `isMultiline` several. Lengths in UTF-16 code units. */
export function text(name: string, value: string, maxChars: number, isMultiline = false): string {
  if (value.length > maxChars) {
    throw new WireError('too-large', `${name}: ${value.length} characters, at most ${maxChars}`)
  }
  if (!isWellFormed(value) || (isMultiline ? CONTROL_BUT_NEWLINE : CONTROL).test(value)) {
    throw new WireError('bad-field', `${name}: control characters`)
  }
  return value
}

export function listUpTo<T>(name: string, values: readonly T[], max: number): readonly T[] {
  if (values.length > max) throw new WireError('too-large', `${name}: ${values.length}, at most ${max}`)
  return values
}

/** `keyOf` tells what must differ from value to value. */
export function unique<T>(name: string, values: readonly T[], keyOf: (value: T) => unknown): readonly T[] {
  if (new Set(values.map(keyOf)).size !== values.length)
    throw new WireError('bad-field', `${name}: one comes twice`)
  return values
}

export function present<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new WireError('bad-field', `${name}: missing`)
  return value
}

/** Codes travel as their place in `codes`, counted from 1: a missing field (0) is no code. */
export function codeAt<T>(name: string, codes: readonly T[], position: number): T {
  const code = codes[position - 1]
  if (code === undefined) throw new WireError('bad-field', `${name}: ${position}`)
  return code
}
