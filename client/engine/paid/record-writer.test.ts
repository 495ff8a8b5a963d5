import { describe, expect, it, test } from 'vitest'
import { type Announcement, verifyAnnouncement } from '../../../shared/protocol/announcement.ts'
import type { ChainPlace } from '../../../shared/protocol/chain-place.ts'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import { reviseManifest } from '../../../shared/protocol/manifest.ts'
import { filled } from '../../../shared/protocol/testing/message-examples.ts'
import {
  EXAMPLE_NOW_MS,
  exampleManifest,
  signExampleAnnouncement,
  signExampleManifest,
} from '../../../shared/protocol/testing/signed-records.ts'
import { createSigner, nodeCrypto } from '../../../tracker/node-crypto.ts'
import type { ExtrinsicSigner } from '../chain/chain-port.ts'
import { MemoryChain } from '../chain/testing/memory-chain.ts'
import { checkStreamRecord, recordWords } from './record-check.ts'
import { type AnnouncedStream, followRecord } from './record-watch.ts'
import { RecordWriter } from './record-writer.ts'

const keys = {
  account: createSigner(filled(32, 0x21)),
  stream: createSigner(filled(32, 0x22)),
  crypto: nodeCrypto,
}
const CREATOR = hexText(keys.account.publicKey)
const signer: ExtrinsicSigner = {
  account: CREATOR,
  scheme: 'ed25519',
  sign: bytes => keys.account.sign(bytes),
}

const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** A creator with money on a chain of its own, a signed manifest of a paid stream, and what was said and announced. */
async function world() {
  const chain = new MemoryChain()
  chain.credit(CREATOR, 1_000_000n)
  chain.produceBlock()
  const port = chain.connect()
  const info = await port.open()
  const { certificate } = exampleManifest(keys)
  const manifest = await signExampleManifest(keys, {
    certificate: {
      ...certificate,
      chain: parseHex(info.genesis) ?? new Uint8Array(),
      payout: keys.account.publicKey,
    },
  })
  const said: string[] = []
  const places: ChainPlace[] = []
  const writer = new RecordWriter({ chain: port, signer, onSentence: sentence => void said.push(sentence) })
  const stream = {
    streamInfo: { streamId: manifest.streamId, manifest: manifest.manifest, verified: manifest },
    setRecord: async (place: ChainPlace) => void places.push(place),
  }
  const announced = (record: ChainPlace | undefined, of = manifest) =>
    signExampleAnnouncement(keys, of, true, record === undefined ? {} : { record })
  const blocks = async (count: number) => {
    for (let made = 0; made < count; made++) {
      chain.produceBlock()
      await settle()
    }
  }
  return { chain, port, manifest, writer, stream, said, places, announced, blocks }
}

/** The start in a final block, and where. */
async function started() {
  const made = await world()
  made.writer.start(made.stream)
  await settle()
  await made.blocks(5)
  const [place] = made.places
  if (place === undefined) throw new Error(made.said.join())
  return { ...made, place }
}

describe('E-RECORD-4 the creator’s records', () => {
  it('E-RECORD-4 the place is announced once it is final, not before, and told with its fee', async () => {
    const { writer, stream, said, places, blocks } = await world()
    writer.start(stream)
    await settle()
    await blocks(3)
    expect(said).toEqual([
      expect.stringMatching(/^The start is written in block \d+ \(bafkrei.*, fee .*\)\.$/),
    ])
    expect(places).toEqual([])
    await blocks(2)
    expect(places).toHaveLength(1)
    expect(said).toHaveLength(1)
  })

  it('E-RECORD-4 a re-organisation before finality moves the place that is announced', async () => {
    const { chain, writer, stream, places, blocks, announced, port } = await world()
    writer.start(stream)
    await settle()
    await blocks(1)
    const first = chain.best
    chain.reorg(1)
    await settle()
    await blocks(6)
    const [place] = places
    if (place === undefined) throw new Error('nothing was announced')
    expect(hexText(place.blockHash)).not.toBe(first.hash)
    expect(await checkStreamRecord(port, await announced(place))).toMatchObject({ kind: 'verified' })
  })

  it('E-RECORD-4 one that a re-organisation drops for good is announced by nobody', async () => {
    const { chain, writer, stream, said, places, blocks } = await world()
    writer.start(stream)
    await settle()
    await blocks(1)
    chain.reorg(1, { drops: true })
    await settle()
    await blocks(70)
    expect(places).toEqual([])
    expect(said.at(-1)).toContain('not on chain any more')
  })

  it('E-RECORD-4 the end is written after the start, of the newest manifest, with the next nonce', async () => {
    const { chain, writer, stream, said, manifest, blocks } = await world()
    const before = chain.free(CREATOR)
    writer.start(stream)
    const ending = writer.end(manifest.hash)
    await settle()
    await blocks(1)
    expect(said).toHaveLength(1)
    await blocks(1)
    await Promise.all([ending, writer.end(manifest.hash)])
    expect(said.map(sentence => sentence.split(' is ')[0])).toEqual(['The start', 'The end'])
    expect(chain.free(CREATOR)).toBeLessThan(before)
  })

  it('E-RECORD-4 without a start there is no end, and a refusal is a sentence', async () => {
    const { chain, writer, stream, said, manifest, blocks } = await world()
    chain.answerNext({ kind: 'refused', code: 'payment', reason: 'the account cannot pay the fee' })
    writer.start(stream)
    await settle()
    await writer.end(manifest.hash)
    await blocks(2)
    expect(said).toEqual([
      'The start is not on chain: The chain did not take the record: the account cannot pay the fee.',
    ])
    expect(chain.free(CREATOR)).toBe(1_000_000n)
  })

  it('E-RECORD-4 a chain that is away throws nothing into the broadcast', async () => {
    const { port, writer, stream, said, manifest } = await world()
    port.cut()
    writer.start(stream)
    await writer.end(manifest.hash)
    expect(said).toHaveLength(1)
    expect(said[0]).toContain('The start is not known to be on chain')
  })

  it('E-RECORD-4 who cannot wait for the end does not', async () => {
    const { chain, writer, stream, said, manifest } = await world()
    chain.holdsTransactions = true
    writer.start(stream)
    await settle()
    await writer.end(manifest.hash, { signal: AbortSignal.abort() })
    expect(said[0]).toContain('nobody waited')
  })

  it('E-RECORD-4 what it costs is said before, and what the account lacks', async () => {
    const { chain, port, writer } = await world()
    expect(await writer.quote()).toMatch(/^Start and end will be written on chain for about \S+ \S+ each\.$/)
    const poor = hexText(filled(32, 9))
    chain.credit(poor, 1_050n)
    const short = new RecordWriter({ chain: port, signer: { ...signer, account: poor }, onSentence() {} })
    expect(await short.quote()).toContain('lacks')
  })
})

describe('E-RECORD-5 the viewer’s look', () => {
  test('E-RECORD-5 what the announcement names and the chain holds is verified, by whoever received it', async () => {
    const { place, port, announced } = await started()
    const { bytes } = await announced(place)
    const received = await verifyAnnouncement(bytes, undefined, nodeCrypto, EXAMPLE_NOW_MS)
    const check = await checkStreamRecord(port, received)
    expect(check).toMatchObject({ kind: 'verified', isCurrent: true })
    expect(recordWords(check)).toBe(`Recorded on chain in block ${place.block}.`)
    expect((await checkStreamRecord(port, await announced(undefined))).kind).toBe('none')
  })

  test.each<[string, (place: ChainPlace) => ChainPlace]>([
    ['another block’s number', place => ({ ...place, block: place.block + 1 })],
    ['another extrinsic', place => ({ ...place, extrinsicHash: filled(32, 1) })],
    ['a manifest that was not recorded', place => ({ ...place, manifestHash: filled(32, 1) })],
  ])('E-RECORD-5 %s is not found', async (_, change) => {
    const { place, port, announced } = await started()
    const check = await checkStreamRecord(port, await announced(change(place)))
    expect(check.kind).toBe('not-there')
    expect(recordWords(check)).toMatch(/^Not found on chain/)
  })

  test('E-RECORD-5 another account’s record of this manifest is not this creator’s', async () => {
    const { port, place, manifest } = await started()
    const others = { ...keys, account: createSigner(filled(32, 0x31)) }
    const { certificate } = manifest.manifest
    const stolen = await signExampleManifest(others, {
      certificate: {
        ...certificate,
        creator: { scheme: 'ed25519', publicKey: others.account.publicKey },
      },
    })
    const announcement = await signExampleAnnouncement(others, stolen, true, { record: place })
    expect((await checkStreamRecord(port, announcement)).kind).toBe('not-there')
  })

  test('E-RECORD-5 of a revised manifest the record is of the one that was', async () => {
    const { port, place, manifest, announced } = await started()
    const revised = await reviseManifest(manifest, { ...manifest.manifest, rev: 2 }, keys.stream, nodeCrypto)
    const check = await checkStreamRecord(port, await announced(place, revised))
    expect(check).toMatchObject({ kind: 'verified', isCurrent: false })
  })

  test('E-RECORD-5 a chain that is not the certificate’s, or not there, proves nothing either way', async () => {
    const { port, place, announced } = await started()
    const free = await signExampleManifest(keys)
    expect((await checkStreamRecord(port, await announced(place, free))).kind).toBe('unread')
    const announcement = await announced(place)
    port.cut()
    const check = await checkStreamRecord(port, announcement)
    expect(check.kind).toBe('unread')
    expect(recordWords(check)).toBeUndefined()
  })

  test('E-RECORD-6 a place is looked up once where it holds, a few times where it does not', async () => {
    const { chain, port, place, announced } = await started()
    let tell: Parameters<AnnouncedStream['on']>[1] = () => {}
    const stream: AnnouncedStream = {
      on: (_name, listener) => {
        tell = listener
        return () => {
          tell = () => {}
        }
      },
    }
    let reads = 0
    const counting: typeof port = Object.create(port, {
      state: { get: () => port.state },
      block: {
        value: (hash: string) => {
          reads += 1
          return port.block(hash)
        },
      },
      blockHash: { value: (number: number) => port.blockHash(number) },
    })
    const kinds: string[] = []
    const stop = followRecord(stream, counting, ({ kind }) => void kinds.push(kind))
    const told = async (record: Announcement['record']) => {
      tell(await announced(record))
      await settle()
    }
    for (let count = 0; count < 4; count++) await told(undefined)
    expect(reads).toBe(0)
    chain.pruneBelow = 1_000
    await told(place)
    chain.pruneBelow = 0
    for (let count = 0; count < 4; count++) await told(place)
    expect(kinds).toEqual(['unread', 'verified'])
    expect(reads).toBe(2)
    for (let count = 0; count < 20; count++) await told({ ...place, extrinsicHash: filled(32, 2) })
    expect(kinds).toEqual(['unread', 'verified', 'not-there'])
    expect(reads).toBe(6)
    stop()
  })
})
