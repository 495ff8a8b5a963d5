import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { H264_B_FRAMES, makeClip, OPUS, VP8 } from '../../scripts/make-clip.ts'
import { checkMp4Index, ImpossibleIndexError } from './mp4-index-check.ts'

let folder = ''
let clip: Buffer
let fragments: Buffer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vilokanam-index-'))
  const make = async (name: string, ...codecs: readonly string[]) =>
    readFile(await makeClip(join(folder, name), 1, codecs))
  clip = await make('clip.mp4', ...H264_B_FRAMES, ...OPUS)
  fragments = await make('fragments.mp4', ...H264_B_FRAMES, ...OPUS, '-movflags', 'frag_keyframe+empty_moov')
})
afterAll(() => rm(folder, { recursive: true }))

async function check(bytes: Buffer): Promise<void> {
  const path = join(folder, 'checked.mp4')
  await writeFile(path, bytes)
  await checkMp4Index(path, bytes.length)
}

/** A copy with the 32-bit number at `offset` behind the first box of this type's own type replaced. */
function withField(bytes: Buffer, type: string, offset: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt32BE(value, copy.indexOf(type, 0, 'latin1') + 4 + offset)
  return copy
}

it('H-ERR-5 whole files pass: MP4, fragmented MP4, WebM', async () => {
  await check(clip)
  await check(fragments)
  await check(await readFile(await makeClip(join(folder, 'clip.webm'), 1, [...VP8, ...OPUS])))
})

it.each([
  ['stts', 4, 'entries beyond its box'],
  ['stts', 8, 'times for samples that are not there'],
  ['ctts', 8, 'offsets for samples that are not there'],
  ['stsz', 8, 'sizes beyond its box'],
  ['stsz', 4, 'samples larger than the file'],
  ['stsc', 12, 'chunks with more samples than there are'],
  ['stsc', 8, 'chunks that are not there'],
  ['stco', 4, 'offsets beyond its box'],
])(
  'H-ERR-5 an index that claims what cannot be is refused before it is read: %s + %i, %s',
  async (type, offset) => {
    await expect(check(withField(clip, type, offset, 0x7fff_fff0))).rejects.toThrow(ImpossibleIndexError)
  },
)

it('H-ERR-5 so is a fragment that claims more samples than there are bytes', async () => {
  await expect(check(withField(fragments, 'trun', 4, 0x7fff_fff0))).rejects.toThrow(ImpossibleIndexError)
})
