import fc from 'fast-check'
import { expect, it } from 'vitest'
import { manifestCid, parseManifestCid, parseStreamRemark, streamRemark } from './stream-remark.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

it('E-RECORD-1 golden: the CID of the empty file, as every IPFS tool prints it', () => {
  const empty = Uint8Array.from(
    Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex'),
  )
  const cid = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
  expect(manifestCid(empty)).toBe(cid)
  expect(text(streamRemark({ kind: 'start', manifestHash: empty }))).toBe(`vilokanam/stream/1 start ${cid}`)
  expect(() => manifestCid(empty.subarray(1))).toThrow(RangeError)
})

it('E-RECORD-1 reads back what it writes, and nothing else', () => {
  fc.assert(
    fc.property(hash, fc.constantFrom('start' as const, 'end' as const), (manifestHash, kind) => {
      const remark = streamRemark({ kind, manifestHash })
      expect(parseStreamRemark(remark)).toEqual({ kind, manifestHash })
      expect(parseStreamRemark(Uint8Array.of(...remark, 10))).toBeUndefined()
      expect(parseManifestCid(manifestCid(manifestHash).toUpperCase())).toBeUndefined()
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(parseStreamRemark(bytes)).toBeUndefined()
    }),
  )
})

it('E-RECORD-1 one changed character is another manifest or none', () => {
  fc.assert(
    fc.property(
      hash,
      fc.nat(58),
      fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'),
      (manifestHash, at, letter) => {
        const cid = manifestCid(manifestHash)
        fc.pre(cid[at] !== letter)
        const changed = parseManifestCid(cid.slice(0, at) + letter + cid.slice(at + 1))
        if (changed !== undefined) expect(changed).not.toEqual(manifestHash)
      },
    ),
  )
})
