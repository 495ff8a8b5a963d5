/**
 * The bare pipe that `bench:swarm` compares with: the same tree, each edge one simple-peer with its default channel
 * (reliable, ordered), each peer writing what it reads to its children. Nothing is checked, queued or dropped.
 */
import wrtc from '@roamhq/wrtc'
import SimplePeer from 'simple-peer'
import { PART_PAYLOAD_MAX_BYTES } from '../shared/protocol/limits.ts'
import { type End, SwarmWorker, type ToWorker } from './swarm-worker.ts'

/** `frame index u32 ‖ is last u8` before each chunk: what it takes to tell when a frame is whole. */
const PREFIX_BYTES = 5

const childrenOf = new Map<number, SimplePeer.Instance[]>()
const ends = new Map<string, SimplePeer.Instance>()
const worker = new SwarmWorker(handle)

worker.onFrame(({ payload }, index) => {
  for (let start = 0; start < payload.length; start += PART_PAYLOAD_MAX_BYTES) {
    const chunk = Buffer.allocUnsafe(PREFIX_BYTES + Math.min(PART_PAYLOAD_MAX_BYTES, payload.length - start))
    chunk.writeUInt32BE(index)
    chunk[4] = start + PART_PAYLOAD_MAX_BYTES >= payload.length ? 1 : 0
    chunk.set(payload.subarray(start, start + PART_PAYLOAD_MAX_BYTES), PREFIX_BYTES)
    for (const child of childrenOf.get(0) ?? []) child.write(chunk)
  }
})

function handle(message: ToWorker): void {
  if (message.kind === 'open') open(message.peer, message.parent, message.end)
  else if (message.kind === 'start') worker.addPeer(0)
  else if (message.kind === 'signal')
    ends.get(`${message.peer}:${message.end}`)?.signal(message.data as string)
}

function open(peer: number, parent: number, end: End): void {
  const isLower = end === 'lower'
  const edge = new SimplePeer({ initiator: isLower, trickle: true, config: { iceServers: [] }, wrtc })
  ends.set(`${peer}:${end}`, edge)
  const other: End = isLower ? 'upper' : 'lower'
  edge.on('signal', data => worker.send({ kind: 'signal', peer, parent, end: other, data }))
  edge.on('connect', () => {
    if (!isLower) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), edge])
    worker.send({ kind: 'opened', peer, end })
  })
  if (!isLower) return
  worker.addPeer(peer)
  let isFlowing = false
  edge.on('data', (chunk: Buffer) => {
    for (const child of childrenOf.get(peer) ?? []) child.write(chunk)
    if (chunk[4] !== 1) return
    worker.mark(peer, chunk.readUInt32BE(0))
    if (!isFlowing) worker.send({ kind: 'flowing', peer })
    isFlowing = true
  })
}
