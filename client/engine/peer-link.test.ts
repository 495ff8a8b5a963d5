import { expect, test } from 'vitest'
import { peerIdFromPublicKey, streamIdFromBytes } from '../../shared/protocol/ids.ts'
import { decodePeerMessage, encodePeerMessage } from '../../shared/protocol/peer-message.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import type { Link, LinkEvents } from './net/link.ts'
import { PeerLink } from './peer-link.ts'
import { TypedEmitter } from './typed-emitter.ts'

const streamId = streamIdFromBytes(new Uint8Array(32).fill(3))
const PRINTS = { local: `sha-256 ${'AA:'.repeat(31)}AA`, remote: `sha-256 ${'BB:'.repeat(31)}BB` }

class FakeLink extends TypedEmitter<LinkEvents> {
  readonly remote
  readonly sent: Uint8Array[] = []
  closedFor: string | undefined
  other: FakeLink | undefined
  readonly #prints
  constructor(remote: ReturnType<typeof peerIdFromPublicKey>, prints: typeof PRINTS) {
    super()
    this.remote = remote
    this.#prints = prints
  }
  fingerprints() {
    return this.#prints
  }
  sendControl(bytes: Uint8Array): boolean {
    this.sent.push(bytes)
    this.other?.emit('control', bytes)
    return true
  }
  close(reason: string): void {
    if (this.closedFor !== undefined) return
    this.closedFor = reason
    this.emit('close', { reason })
    this.removeAllListeners()
  }
}

/** Two ends; `prints` are what end B sees: a man in the middle has certificates of his own. */
function pair(printsB = { local: PRINTS.remote, remote: PRINTS.local }) {
  let now = 0
  const clock = { nowMs: () => now, wallMs: () => now }
  const signers = [createSigner(generateSeed()), createSigner(generateSeed())] as const
  const ids = [peerIdFromPublicKey(signers[0].publicKey), peerIdFromPublicKey(signers[1].publicKey)] as const
  const links = [new FakeLink(ids[1], PRINTS), new FakeLink(ids[0], printsB)] as const
  links[0].other = links[1]
  links[1].other = links[0]
  const logs = [0, 1].map(() => ({
    proven: 0,
    messages: [] as string[],
    media: 0,
    violations: [] as string[],
  }))
  const ends = links.map((link, side) => {
    const log = logs[side] as (typeof logs)[number]
    return new PeerLink(
      {
        link: link as unknown as Link,
        self: ids[side as 0 | 1],
        signer: signers[side as 0 | 1],
        crypto: nodeCrypto,
        streamId,
        clock,
      },
      {
        onProven: () => {
          log.proven += 1
        },
        onMessage: message => void log.messages.push(message.kind),
        onMedia: () => {
          log.media += 1
        },
        onRtt() {},
        onViolation: reason => void log.violations.push(reason),
        onClose() {},
      },
    )
  }) as [PeerLink, PeerLink]
  const pass = (ms: number): void => {
    now += ms
  }
  return { ends, links, logs, pass, nowMs: () => now }
}
const settle = () => new Promise(resolve => setTimeout(resolve, 5))

test('O-HELLO-1 both ends prove themselves, and what came before the proof was verified waits for it', async () => {
  const { ends, logs } = pair()
  ends[0].send({ kind: 'stalled', newest: [] })
  expect(logs[1]?.messages).toEqual([])
  await settle()
  expect(logs.map(({ proven }) => proven)).toEqual([1, 1])
  expect(logs[1]?.messages).toEqual(['stalled'])
  expect(logs.map(({ violations }) => violations)).toEqual([[], []])
})

test('O-HELLO-1 a certificate in the middle is found out: the proof covers both fingerprints', async () => {
  const { logs, links } = pair({ local: PRINTS.remote, remote: `sha-256 ${'CC:'.repeat(31)}CC` })
  await settle()
  expect(logs.map(({ proven }) => proven)).toEqual([0, 0])
  expect(logs[1]?.violations).toEqual(['forged-hello'])
  expect(links[1].closedFor).toBeDefined()
})

test('O-HELLO-1 media before Hello closes the link', () => {
  const { links, logs } = pair()
  links[1].emit('media', new Uint8Array(10))
  expect(logs[1]?.violations).toEqual(['forged-hello'])
  expect(logs[1]?.media).toBe(0)
})

test('O-HELLO-2 a flood of control messages closes the link', async () => {
  const { links, logs } = pair()
  await settle()
  const stalled = encodePeerMessage({ kind: 'stalled', newest: [] })
  for (let count = 0; count < 2_000; count++) links[1].emit('control', stalled)
  expect(logs[1]?.violations).toEqual(['rate'])
  expect(logs[1]?.messages.length).toBeLessThanOrEqual(800)
})

test('O-HELLO-3 a link that says nothing for 5 s is closed; one that speaks, or a side that slept, is not', async () => {
  const { ends, links, pass, nowMs } = pair()
  await settle()
  pass(60_000)
  ends[0].checkAlive(nowMs())
  expect(links[0].closedFor).toBeUndefined()
  for (let count = 0; count < 200; count++) {
    pass(50)
    if (count % 20 === 0) ends[1].ping(nowMs())
    ends[0].checkAlive(nowMs())
  }
  expect(links[0].closedFor).toBeUndefined()
  for (let count = 0; count < 120; count++) {
    pass(50)
    ends[0].checkAlive(nowMs())
  }
  expect(links[0].closedFor).toMatch(/nothing was heard/)
})

/** What one end sent to the other, by kind, since `from`. */
function sentKinds(link: FakeLink, from = 0): string[] {
  return link.sent.slice(from).map(bytes => decodePeerMessage(bytes).kind)
}

test('O-HELLO-3 on a link that streams only each fifth ping is sent; once it stands still, each', async () => {
  const { ends, links, pass, nowMs } = pair()
  await settle()
  const before = links[1].sent.length
  for (let second = 0; second < 10; second++) {
    pass(1_000)
    links[1].emit('media', new Uint8Array(100))
    ends[1].ping(nowMs())
  }
  expect(sentKinds(links[1], before).filter(kind => kind === 'ping')).toHaveLength(2)
  const stopped = links[1].sent.length
  for (let second = 0; second < 3; second++) {
    pass(1_000)
    ends[1].ping(nowMs())
  }
  expect(sentKinds(links[1], stopped)).toEqual(['ping', 'ping', 'ping'])
})

test('O-QUEUE-1 acknowledgements: after 32 KiB at once, after 50 ms when 12 KiB came, after 200 ms whatever came', async () => {
  const { ends, links, pass, nowMs } = pair()
  await settle()
  pass(1_000)
  const acks = (bytes: number, afterMs: number): number => {
    const before = links[1].sent.length
    links[1].emit('media', new Uint8Array(bytes))
    pass(afterMs)
    ends[1].acknowledge(nowMs())
    return sentKinds(links[1], before).filter(kind => kind === 'ack').length
  }
  // The first after a pause goes at once.
  expect(acks(100, 0)).toBe(1)
  expect(acks(11 * 1024, 50)).toBe(0)
  expect(acks(1024, 0)).toBe(1)
  expect(acks(33 * 1024, 0)).toBe(1)
  expect(acks(100, 199)).toBe(0)
  expect(acks(0, 1)).toBe(1)
})

test('O-QUEUE-1 Feedback goes out when it says something new, and each second; it acknowledges too', async () => {
  const { ends, links, pass, nowMs } = pair()
  await settle()
  pass(1_000)
  const before = links[1].sent.length
  for (let count = 0; count < 10; count++) {
    ends[1].giveFeedback(2, count < 5 ? 0 : 1, nowMs())
    pass(100)
  }
  expect(sentKinds(links[1], before)).toEqual(['feedback', 'feedback'])
  const later = links[1].sent.length
  pass(500)
  ends[1].giveFeedback(2, 1, nowMs())
  links[1].emit('media', new Uint8Array(40 * 1024))
  expect(sentKinds(links[1], later)).toEqual(['feedback', 'ack'])
})
