/**
 * `npm run bench:tracker -- --peers 500`: what one join costs the tracker, and what a peer that stays costs it. The
 * tracker has a process of its own, whose CPU and memory are what is counted; the peers speak real libp2p to it.
 *
 * A join is all that a newcomer has the tracker do, but for its signals: connect, Join, FindParents, and the Update
 * that proves its new place with a chain of edges. Signals are counted apart, since how many a pair exchanges is the
 * network's doing.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { EdgeChain } from '../shared/protocol/edge-chain.ts'
import { extendChain, signEdge } from '../shared/protocol/edge-chain.ts'
import type { PeerId } from '../shared/protocol/ids.ts'
import { EDGE_VALID_S } from '../shared/protocol/limits.ts'
import { signSignal } from '../shared/protocol/signal.ts'
import { type ClientStream, RoomClient } from '../tracker/testing/room-client.ts'
import { TestStream, updateMessage } from '../tracker/testing/test-stream.ts'
import { percentile } from './percentile.ts'
import { num, printJson, printTable, rounded } from './report.ts'
import type { Usage } from './tracker-measured.ts'

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '500' },
    'at-once': { type: 'string', default: '8' },
    json: { type: 'boolean' },
  },
})
const peers = wholeNumber(values.peers)
const atOnce = wholeNumber(values['at-once'])

/** Joined before the measurement, so that it sees compiled code and a heap of its working size. */
const WARM_UP = 100
const SIGNALS = 2_000
const SLOTS = 4

type Member = { readonly client: RoomClient; readonly room: ClientStream; children: number; chain: EdgeChain }

const { child, multiaddrs } = await startTracker()
const stream = await TestStream.make()
const members = new Map<PeerId, Member>()
const candidatesMs: number[] = []
await joinCreator()
await joinMany(WARM_UP)
candidatesMs.length = 0
const before = await usage()
await joinMany(peers)
const after = await usage()
await exchangeSignals()
const end = await usage()

const joinsPerCpuSecond = (1_000 * peers) / (after.cpuMs - before.cpuMsThen)
const kbPerPeer = (after.rssBytes - before.rssBytes) / 1_024 / peers
const signalsPerCpuSecond = (1_000 * SIGNALS) / (end.cpuMs - after.cpuMsThen)
const depth = Math.max(...[...members.values()].map(({ chain }) => chain.edges.length))
console.log(
  `${peers} peers join, ${atOnce} at once, beside ${WARM_UP} that are there; the tree is ${depth} deep\n`,
)
printTable(
  ['', 'measured', 'aim'],
  [
    ['joins per CPU second', num(joinsPerCpuSecond, 0), '≥ 150'],
    ['kB of memory a peer', num(kbPerPeer, 0), '≤ 150'],
    ['FindParents answered, p95, ms', num(percentile(candidatesMs, 0.95)), ''],
    ['signals per CPU second', num(signalsPerCpuSecond, 0), ''],
  ],
)
printJson(values.json, {
  peers,
  joinsPerCpuSecond: rounded(joinsPerCpuSecond),
  kbPerPeer: rounded(kbPerPeer),
  candidatesP95Ms: rounded(percentile(candidatesMs, 0.95)),
  signalsPerCpuSecond: rounded(signalsPerCpuSecond),
})
child.kill()
process.exit(0)

function startTracker(): Promise<{ child: ChildProcess; multiaddrs: readonly string[] }> {
  const path = fileURLToPath(new URL('./tracker-measured.ts', import.meta.url))
  const started = fork(path, [], { execArgv: [...process.execArgv, '--expose-gc'] })
  return new Promise((resolve, reject) => {
    started.once('message', message => resolve({ child: started, multiaddrs: message as readonly string[] }))
    started.once('exit', code => reject(new Error(`the tracker ended with code ${code}`)))
  })
}

function usage(): Promise<Usage> {
  return new Promise(resolve => {
    child.once('message', message => resolve(message as Usage))
    child.send('usage')
  })
}

async function joinCreator(): Promise<void> {
  const { client, room } = await connect()
  const join = await stream.creatorJoin(client)
  room.send(join)
  await room.next('joined')
  members.set(client.self, { client, room, children: 0, chain: await stream.root(client) })
}

async function joinMany(count: number): Promise<void> {
  let left = count
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await joinViewer()
    }),
  )
}

async function joinViewer(): Promise<void> {
  const { client, room } = await connect()
  room.send(stream.viewerJoin())
  await room.next('joined')
  const parent = await findParent(room)
  parent.children++
  const edge = await signEdge(
    stream.streamId,
    parent.client.self,
    client.self,
    EDGE_VALID_S,
    parent.client.signer,
  )
  const chain = extendChain(parent.chain, edge)
  room.send(updateMessage(chain))
  parent.room.send(updateMessage(parent.chain, SLOTS - parent.children))
  members.set(client.self, { client, room, children: 0, chain })
}

/** The first candidate that has room, as a refusal would send it on; asks again where none has. */
async function findParent(room: ClientStream): Promise<Member> {
  const exclude: PeerId[] = []
  for (;;) {
    const askedAtMs = performance.now()
    room.send({ kind: 'find-parents', exclude, isOrphan: false })
    let { candidates } = await room.next('candidates')
    candidatesMs.push(performance.now() - askedAtMs)
    // Nothing was open: the tracker answers again when something is.
    if (candidates.length === 0) candidates = (await room.next('candidates')).candidates
    for (const { peer } of candidates) {
      const member = members.get(peer)
      if (member !== undefined && member.children < SLOTS) return member
      exclude.push(peer)
    }
    exclude.splice(0, Math.max(0, exclude.length - 16))
  }
}

async function connect(): Promise<{ client: RoomClient; room: ClientStream }> {
  const client = await RoomClient.start(multiaddrs[0] ?? '')
  return { client, room: await client.open() }
}

/** Offers between pairs of members, a few at a time so as to stay under every limit. */
async function exchangeSignals(): Promise<void> {
  const all = [...members.values()]
  for (let sent = 0; sent < SIGNALS; ) {
    const received: Promise<unknown>[] = []
    for (let index = 0; index + 1 < all.length && sent < SIGNALS; index += 2, sent++) {
      const [from, to] = [all[index], all[index + 1]]
      if (from === undefined || to === undefined) continue
      received.push(to.room.next('signal'))
      from.room.send({ kind: 'signal', to: to.client.self, signal: await candidateSignal(from, to) })
    }
    await Promise.all(received)
  }
}

function candidateSignal(from: Member, to: Member) {
  const candidate =
    'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0 ufrag abcd network-id 1'
  return signSignal(
    {
      from: from.client.self,
      to: to.client.self,
      streamId: stream.streamId,
      nonce: randomBytes(16),
      at: Date.now(),
      body: { kind: 'candidate', candidate, sdpMid: '0', sdpMLineIndex: 0 },
    },
    from.client.signer,
  )
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${text} is not a whole number above 0`)
  return value
}
