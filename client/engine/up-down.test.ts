import { afterEach, expect, test } from 'vitest'
import type { UpMessage } from '../../shared/protocol/up-signature.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { createNodePeer } from '../headless/node-peer.ts'
import { NodeMesh, until } from './testing/node-mesh.ts'

const newSigner = () => createSigner(generateSeed())
const host = { crypto: nodeCrypto, createPeer: createNodePeer, newSigner }
let mesh = new NodeMesh(host)
afterEach(() => {
  mesh.close()
  mesh = new NodeMesh(host)
})

test('O-UP-1 a message goes up three hops, signed, and its answer comes back to its sender alone', async () => {
  const { broadcaster, streamId } = await mesh.broadcast(1)
  const ups: UpMessage[] = []
  broadcaster.on('up', message => void ups.push(message))
  const viewers = [
    await mesh.viewer(streamId, 1),
    await mesh.viewer(streamId, 1),
    await mesh.viewer(streamId, 1),
  ]
  const last = viewers.at(-1)
  expect(last?.stats?.depth).toBe(3)
  const answers: string[] = []
  for (const [index, viewer] of viewers.entries())
    viewer.on('down', ({ body }) => void answers.push(`${index}:${body.join()}`))
  expect(await last?.sendUp(Uint8Array.of(7))).toBe(1)
  await until(() => ups.length === 1)
  const origin = ups[0]?.origin ?? new Uint8Array(32)
  expect(ups[0]?.body).toEqual(Uint8Array.of(7))
  expect(broadcaster.sendDown(origin, 1, Uint8Array.of(8, 9))).toBe(true)
  await until(() => answers.length === 1)
  expect(answers).toEqual(['2:8,9'])
  expect(broadcaster.sendDown(new Uint8Array(32).fill(3), 1, Uint8Array.of(1))).toBe(false)
})

test('O-UP-4 a child that floods is slowed at its parent, and its sibling’s message still arrives', async () => {
  const { broadcaster, streamId } = await mesh.broadcast(4)
  const ups: UpMessage[] = []
  broadcaster.on('up', message => void ups.push(message))
  const violations: string[] = []
  broadcaster.on('violation', ({ reason }) => void violations.push(reason))
  const hostile = await mesh.viewer(streamId, 0)
  const honest = await mesh.viewer(streamId, 1)
  const fromHostile = () => ups.filter(({ body }) => body[0] === 1).length
  // Well signed, and fewer than a link may carry at once: what nothing but this rate stops.
  for (let count = 0; count < 300; count++) await hostile.sendUp(Uint8Array.of(1))
  await honest.sendUp(Uint8Array.of(2))
  await until(() => ups.some(({ body }) => body[0] === 2))
  expect(fromHostile()).toBeGreaterThan(0)
  expect(fromHostile()).toBeLessThan(50)
  expect(violations).toEqual([])
})

test('O-UP-1 a message that its origin has not signed costs its sender the link', async () => {
  const { broadcaster, streamId } = await mesh.broadcast(4)
  const violations: { peer: string; reason: string }[] = []
  broadcaster.on('violation', violation => void violations.push(violation))
  const { publicKey } = newSigner()
  const generateSigner = () => Promise.resolve({ publicKey, sign: () => new Uint8Array(64) })
  const forger = await mesh.viewer(streamId, 0, { generateSigner })
  const ups: UpMessage[] = []
  broadcaster.on('up', message => void ups.push(message))
  const self = forger.stats?.self
  await forger.sendUp(Uint8Array.of(1))
  await until(() => violations.length > 0)
  expect(violations).toEqual(
    [{ peer: self, reason: 'bad-signature' }].map(one => expect.objectContaining(one)),
  )
  expect(ups).toEqual([])
})
