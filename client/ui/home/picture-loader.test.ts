import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { VerifiedAnnouncement } from '../../../shared/protocol/announcement.ts'
import { PictureLoader } from './picture-loader.ts'

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

/** Of an announcement the loader reads only these fields. */
function entry(streamId: string, pictureHash: Uint8Array | undefined, seq = 1): VerifiedAnnouncement {
  return { announcement: { streamId, pictureHash, seq } } as unknown as VerifiedAnnouncement
}

function loaderOf(pictures: Record<string, Uint8Array | undefined>) {
  const asked: string[] = []
  const onChange = vi.fn()
  const getPicture = (streamId: string) => {
    asked.push(streamId)
    return Promise.resolve(pictures[streamId])
  }
  const loader = new PictureLoader({ tracker: { getPicture }, crypto: { sha256 } }, onChange)
  return { loader, asked, onChange }
}

const real = Uint8Array.of(1, 2, 3)

describe('pictures of streams', () => {
  it('U-HOME-2 shows a picture whose hash the creator announced, and asks for it once', async () => {
    const { loader, asked, onChange } = loaderOf({ a: real })
    loader.update([entry('a', sha256(real)), entry('b', undefined)])
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledOnce())
    expect(loader.url('a')).toMatch(/^blob:/)
    loader.update([entry('a', sha256(real))])
    expect(asked).toEqual(['a'])
    loader.close()
  })

  it('U-HOME-2 never shows bytes the creator did not announce', async () => {
    const { loader, onChange } = loaderOf({ a: real, b: real })
    loader.update([entry('a', sha256(Uint8Array.of(9))), entry('b', sha256(real))])
    // b was asked for later than a: once it is there, a was judged.
    await vi.waitFor(() => expect(loader.url('b')).toMatch(/^blob:/))
    expect(loader.url('a')).toBeUndefined()
    expect(onChange).toHaveBeenCalledOnce()
    loader.close()
  })

  it('U-HOME-2 asks again for a missing picture with the next announcement, not before', async () => {
    const pictures: Record<string, Uint8Array | undefined> = {}
    const { loader, asked } = loaderOf(pictures)
    loader.update([entry('a', sha256(real), 1)])
    loader.update([entry('a', sha256(real), 1)])
    expect(asked).toEqual(['a'])
    pictures['a'] = real
    loader.update([entry('a', sha256(real), 2)])
    await vi.waitFor(() => expect(loader.url('a')).toMatch(/^blob:/))
    expect(asked).toEqual(['a', 'a'])
    loader.close()
  })

  it('U-HOME-2 frees the picture of a stream that is gone', async () => {
    const { loader, onChange } = loaderOf({ a: real })
    const revoked = vi.spyOn(URL, 'revokeObjectURL')
    loader.update([entry('a', sha256(real))])
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled())
    const url = loader.url('a')
    loader.update([])
    expect(loader.url('a')).toBeUndefined()
    expect(revoked).toHaveBeenCalledWith(url)
    revoked.mockRestore()
    loader.close()
  })
})
