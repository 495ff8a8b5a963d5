/**
 * Runs `work` and counts the bytes that JavaScript copies in it: `set`, `slice`, `copyWithin`, and typed arrays made
 * from other arrays. What a native function copies inside itself (hashing, the data channel) is not seen.
 */
export function countCopiedBytes(work: () => void): number {
  let copied = 0
  const prototype = Uint8Array.prototype
  const { set, slice, copyWithin } = prototype
  const plain = globalThis.Uint8Array
  prototype.set = function (source, offset) {
    copied += source.length
    return set.call(this, source, offset)
  }
  prototype.slice = function (start, end) {
    const result = slice.call(this, start, end)
    copied += result.length
    return result
  }
  prototype.copyWithin = function (target, start, end) {
    copied += (end ?? this.length) - start
    return copyWithin.call(this, target, start, end)
  }
  globalThis.Uint8Array = new Proxy(plain, {
    construct(target, args, newTarget) {
      const made: Uint8Array = Reflect.construct(target, args, newTarget)
      const source: unknown = args[0]
      if (Array.isArray(source) || ArrayBuffer.isView(source)) copied += made.length
      return made
    },
  })
  try {
    work()
  } finally {
    Object.assign(prototype, { set, slice, copyWithin })
    globalThis.Uint8Array = plain
  }
  return copied
}
