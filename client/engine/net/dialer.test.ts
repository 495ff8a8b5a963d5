import { afterEach, expect, test } from 'vitest'
import { peerIdFromPublicKey, streamIdFromBytes } from '../../../shared/protocol/ids.ts'
import type { SignedSignal } from '../../../shared/protocol/signal.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../../tracker/node-crypto.ts'
import { createNodePeer } from '../../headless/node-peer.ts'
import type { Logger } from '../ports.ts'
import { Dialer } from './dialer.ts'
import type { Link } from './link.ts'

const streamId = streamIdFromBytes(new Uint8Array(32).fill(7))
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

type Carry = (signal: SignedSignal, deliver: (signal: SignedSignal) => void) => void

/** Two dialers and the tracker between them, which does to each signal what `carry` says. */
function pair(carry: Carry = (signal, deliver) => deliver(signal), clockSkewMs = 0) {
  const signers = [createSigner(generateSeed()), createSigner(generateSeed())]
  const ids = signers.map(signer => peerIdFromPublicKey(signer.publicKey))
  const created = [0, 0]
  const links: Link[][] = [[], []]
  const failures: string[][] = [[], []]
  const dialers: Dialer[] = signers.map((signer, side) => {
    const dialer = new Dialer(
      {
        self: ids[side] as (typeof ids)[number],
        signer,
        crypto: nodeCrypto,
        createPeer: options => {
          created[side] = (created[side] ?? 0) + 1
          return createNodePeer(options)
        },
        clock: { nowMs: () => performance.now(), wallMs: Date.now },
        random: Math.random,
        logger: silent,
        iceServers: () => [],
        trackerTimeMs: () => Date.now() + side * clockSkewMs,
        sendSignal: (_, signal) => {
          carry(signal, carried => void dialers[1 - side]?.receive(carried))
          return true
        },
      },
      streamId,
    )
    dialer.on('offered', ({ peer }) => dialer.answer(peer))
    dialer.on('open', ({ link }) => void links[side]?.push(link))
    dialer.on('failed', ({ reason }) => void failures[side]?.push(reason))
    closers.push(() => {
      dialer.close()
      for (const link of links[side] ?? []) link.close('test over')
    })
    return dialer
  })
  const [a, b] = dialers as [Dialer, Dialer]
  const [idA, idB] = ids as [(typeof ids)[number], (typeof ids)[number]]
  return { a, b, idA, idB, links, created, failures }
}

async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

test('O-DIAL-1 a dial opens one link on each side, all channels in it', async () => {
  const { a, idB, links } = pair()
  a.dial(idB, 5_000)
  await until(() => links.every(side => side.length === 1))
  const heard: string[] = []
  for (const name of ['control', 'media', 'repair'] as const)
    links[1]?.[0]?.on(name, bytes => heard.push(`${name} ${bytes[0]}`))
  links[0]?.[0]?.sendControl(new Uint8Array([1]))
  links[0]?.[0]?.sendMedia(new Uint8Array([2]))
  links[0]?.[0]?.sendRepair(new Uint8Array([3]))
  await until(() => heard.length === 3)
  expect(heard.sort()).toEqual(['control 1', 'media 2', 'repair 3'])
})

test('O-DIAL-2 when both dial at once one connection stands, and both know it', async () => {
  const { a, b, idA, idB, links, failures } = pair()
  a.dial(idB, 5_000)
  b.dial(idA, 5_000)
  await until(() => links.every(side => side.length === 1))
  expect(failures).toEqual([[], []])
  expect(links[0]?.[0]?.isInitiator).not.toBe(links[1]?.[0]?.isInitiator)
})

test('O-DIAL-3 a signal changed on the way makes no connection, on either side', async () => {
  const flip: Carry = (signal, deliver) => {
    const payload = signal.payload.slice()
    payload[payload.length - 3] = (payload[payload.length - 3] ?? 0) ^ 1
    deliver({ ...signal, payload })
  }
  const { a, idB, created, failures } = pair(flip)
  a.dial(idB, 300)
  await until(() => failures[0]?.length === 1)
  expect(created).toEqual([1, 0])
})

test('O-DIAL-4 a replayed offer is dropped: it makes no second connection', async () => {
  const seen: SignedSignal[] = []
  const { a, b, idB, links, created } = pair((signal, deliver) => {
    seen.push(signal)
    deliver(signal)
  })
  a.dial(idB, 5_000)
  await until(() => links.every(side => side.length === 1))
  for (const signal of [...seen]) await b.receive(signal)
  expect(created).toEqual([1, 1])
  expect(links[1]?.[0]?.isOpen).toBe(true)
})

test('O-DIAL-5 a signal older than 30 s by the tracker’s clock is dropped', async () => {
  const { a, idB, created, failures } = pair(undefined, 60_000)
  a.dial(idB, 300)
  await until(() => failures[0]?.length === 1)
  expect(created).toEqual([1, 0])
})

test('O-DIAL-6 no answer within the limit is a failure that says so', async () => {
  const { a, idB, failures } = pair(() => {})
  a.dial(idB, 100)
  await until(() => failures[0]?.length === 1)
  expect(failures[0]).toEqual(['no connection within 100 ms'])
})
