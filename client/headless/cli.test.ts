import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { H264, makeClip, OPUS } from '../../scripts/make-clip.ts'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))
const NOWHERE = 'http://127.0.0.1:1/'

type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

let folder = ''
let clip = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vilokanam-cli-'))
  clip = await makeClip(join(folder, 'clip.mp4'), 1, [...H264, ...OPUS])
})
afterAll(() => rm(folder, { recursive: true }))

function vilokanam(args: readonly string[], { env = {}, input = '' } = {}): Promise<Ran> {
  const child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], {
    env: { ...process.env, ...env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (text: Buffer) => {
    out += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    err += text.toString()
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise(resolve => child.on('close', code => resolve({ code, out, err })))
}

describe.concurrent('what cannot be done ends with exit code 1 and a sentence', () => {
  it.each([
    [
      'H-ERR-1 no such file',
      ['broadcast', '/no/such/clip.mp4'],
      /There is no file \/no\/such\/clip\.mp4\. Check/,
    ],
    ['H-ERR-1 a folder', ['broadcast', '/tmp'], /\/tmp is not a file\. Name a video file/],
    ['H-PIPE-2 an empty pipe', ['broadcast', '-'], /Nothing came through the pipe/],
    ['H-CLI-1 no stream', ['relay', 'nonsense'], /“nonsense” is no stream\. Copy the whole address/],
    ['H-CLI-6 an impossible option', ['relay', 'x', '--slots', '99'], /Give a number from 0 to 10/],
    ['H-REC-2 a record of a free stream', ['broadcast', '-', '--record'], /A free stream has no chain/],
    ['H-CLI-6 a pipe in a loop', ['broadcast', '-', '--loop'], /A pipe cannot be played again/],
  ])('%s', async (_rule, args, sentence) => {
    const ran = await vilokanam(args)
    expect(ran.err).toMatch(sentence)
    expect(ran.err).not.toMatch(/\n\s+at /)
    expect(ran.code).toBe(1)
  })

  it('H-ERR-2 a corrupt file', async () => {
    const path = join(folder, 'noise.mp4')
    await writeFile(path, new Uint8Array(50_000).fill(0x5a))
    const ran = await vilokanam(['broadcast', path])
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringMatching(/noise\.mp4 is no MP4 or WebM.*\n {2}ffmpeg -i/),
    })
  })

  it('H-CLI-3 no tracker, named by environment', async () => {
    const ran = await vilokanam(['broadcast', clip], { env: { VILOKANAM_TRACKER: NOWHERE } })
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringContaining(`The tracker ${NOWHERE} does not answer.`),
    })
    expect(ran.out).toMatch(
      /picture avc1\.[0-9a-f]{6}, 320×180, 30 frames\/s; sound opus, 48 kHz, mono; a key frame/,
    )
  })

  it('H-CLI-4 a key in the environment that is none', async () => {
    const ran = await vilokanam(['broadcast', clip], { env: { VILOKANAM_KEY: 'dear key' } })
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('VILOKANAM_KEY holds no key') })
  })

  it('H-CLI-6 texts longer than a stream carries, and a picture that is none', async () => {
    const long = await vilokanam(['broadcast', clip, '--title', 'x'.repeat(200)])
    expect(long).toMatchObject({
      code: 1,
      err: expect.stringContaining('The title has 200 characters; shorten it'),
    })
    const picture = await vilokanam(['broadcast', clip, '--picture', clip])
    expect(picture).toMatchObject({
      code: 1,
      err: expect.stringContaining('must be a WebP or JPEG of at most 24 KiB'),
    })
  })

  it('H-CLI-8 a port in use', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const ran = await vilokanam(['demo', '--port', String(port)])
    other.close()
    expect(ran.err).toMatch(
      `Port ${port} is in use by another program. Stop that one, or choose another port:`,
    )
    expect(ran.code).toBe(1)
  })
})

it.concurrent.each(['broadcast', 'relay', 'demo', 'devchain'])(
  'H-CLI-6 %s --help explains each option and its environment variable',
  async command => {
    const { code, out } = await vilokanam([command, '--help'])
    expect(code).toBe(0)
    const entries = out.split(/\n(?= {2}-)/).slice(1)
    expect(entries.length).toBeGreaterThanOrEqual(3)
    for (const entry of entries.filter(text => !text.includes('--help'))) {
      expect(entry.replaceAll(/\s+/g, ' ')).toMatch(/env: VILOKANAM_[A-Z_]+\)/)
    }
  },
)

it('DC-CLI-1 devchain: a taken port is a sentence with what to do', async () => {
  const other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const ran = await vilokanam(['devchain', '--port', String(port)])
  const demo = await vilokanam(['demo', '--port', String(port), '--chain-port', String(port)])
  other.close()
  expect(ran.err).toMatch(new RegExp(`^vilokanam: Port ${port} is in use by another program.*--port`))
  expect(ran.code).toBe(1)
  expect(demo.err).toMatch(/need a port each: choose another with --chain-port/)
})
