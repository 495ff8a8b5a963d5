import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { SignalPayload } from '../shared/protocol/generated/records.ts'
import {
  type PeerId,
  peerIdFromPublicKey,
  publicKeyOfPeer,
  type StreamId,
  streamIdToBytes,
} from '../shared/protocol/ids.ts'
import type { SignedSignal } from '../shared/protocol/signal.ts'
import { signingInput } from '../shared/protocol/signing.ts'
import { createSigner, generateSeed } from '../tracker/node-crypto.ts'
import { Disposer } from './support/disposer.ts'
import { MeddlingTracker } from './support/meddling-tracker.ts'
import { idOf, NodeMesh, parentOf } from './support/node-mesh.ts'
import { until } from './support/until.ts'
import { WebRtcLog } from './support/webrtc-log.ts'

const disposer = new Disposer()
afterEach(() => disposer.dispose())

test('W-SIGNAL-1 a tracker that alters signals cannot connect two peers through itself, only keep them apart', async () => {
  const mesh = await NodeMesh.start(disposer)
  const { streamId } = await mesh.startCreator(1)
  const tracker = new MeddlingTracker()
  const webRtc = new WebRtcLog()
  const altered: string[] = []
  tracker.meddle = signal => {
    const swapped = swapFingerprint(signal)
    const { sdp } = SignalPayload.decode(swapped.payload)
    if (sdp !== '') altered.push(sdp)
    return [swapped]
  }
  const watcher = await mesh.startViewer(streamId, 0, {
    tracker: port => tracker.wrap(port),
    createPeer: honest => webRtc.wrap(honest),
  })
  await until('an altered answer', () => altered.length > 0)
  expect(webRtc.created).toBeGreaterThan(0)
  expect(webRtc.sdps).toEqual([])
  tracker.meddle = undefined
  await until('the viewer is fed once signals pass', () => watcher.log.size > 10)
  for (const sdp of webRtc.sdps) expect(altered).not.toContain(sdp)
})

test('W-SIGNAL-2 signals that are played again open nothing and close nothing', async () => {
  const mesh = await NodeMesh.start(disposer)
  const { streamId } = await mesh.startCreator(1)
  const tracker = new MeddlingTracker()
  const webRtc = new WebRtcLog()
  const parent = await mesh.startViewer(streamId, 2, {
    tracker: port => tracker.wrap(port),
    createPeer: honest => webRtc.wrap(honest),
  })
  await until('the parent is fed', () => parent.log.size > 0)
  const child = await mesh.startViewer(streamId, 0)
  await until('the child is fed', () => parentOf(child.viewer) === idOf(parent.viewer) && child.log.size > 0)
  const carried = [...tracker.carried]
  expect(carried.length).toBeGreaterThan(0)
  for (const signal of carried) tracker.deliver(signal)
  // A newcomer gets in after the replay, so the replay has been dealt with by then.
  const next = await mesh.startViewer(streamId, 0)
  const before = child.log.newest()
  await until('the newcomer is fed', () => parentOf(next.viewer) === idOf(parent.viewer))
  await until('the child goes on', () => child.log.newest() > before + 30)
  expect(new Set(webRtc.sdps).size).toBe(webRtc.sdps.length)
  expect(parentOf(child.viewer)).toBe(idOf(parent.viewer))
})

test('W-SIGNAL-3 what is not one offer, answer or candidate of bounded size never reaches WebRTC, signed or not', async () => {
  const mesh = await NodeMesh.start(disposer)
  const { streamId } = await mesh.startCreator(1)
  const tracker = new MeddlingTracker()
  const webRtc = new WebRtcLog()
  const victim = await mesh.startViewer(streamId, 4, {
    tracker: port => tracker.wrap(port),
    createPeer: honest => webRtc.wrap(honest),
  })
  await until('the victim is fed', () => victim.log.size > 0)
  const sdp = webRtc.sdps[0] ?? ''
  expect(sdp).toContain('m=application')
  const given = webRtc.signals.length
  const to = idOf(victim.viewer)
  const audio = `${sdp}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n`
  const large = `${sdp}${'a=x-padding:0123456789\r\n'.repeat(400)}`
  const offers = [{ sdp: large }, { sdp: audio }, { sdp: `${sdp}a=x-\u0000\r\n` }, { sdp: 'renegotiate' }]
  for (const fields of offers) tracker.deliver(signedSignal(streamId, to, fields))
  // What simple-peer itself would obey, in every wrapping that the wire has room for.
  for (const request of [
    { renegotiate: true },
    { transceiverRequest: { kind: 'audio' } },
    { type: 'renegotiate' },
  ]) {
    const text = JSON.stringify(request)
    tracker.deliver(signedBytes(new TextEncoder().encode(text)))
    tracker.deliver(signedSignal(streamId, to, { sdp: text }))
    tracker.deliver(signedSignal(streamId, to, { kind: SignalPayload.Kind.CANDIDATE, candidate: text }))
  }
  // The control: the same stranger's offer, in form, gets that far.
  tracker.deliver(signedSignal(streamId, to, { sdp }))
  await until('the honest offer reaches WebRTC', () => webRtc.signals.length > given)
  const reached = webRtc.signals.slice(given)
  expect(reached.filter(({ type }) => type !== 'candidate')).toEqual([{ type: 'offer', sdp }])
  expect(JSON.stringify(reached)).not.toMatch(/renegotiate|transceiverRequest/)
  const before = victim.log.newest()
  await until('the victim goes on', () => victim.log.newest() > before + 10)
})

/** Another certificate in the place of the sender's, as a man in the middle needs; the signature stays. */
function swapFingerprint({ payload, signature }: SignedSignal): SignedSignal {
  const text = Buffer.from(payload).toString('latin1')
  const swapped = text.replace(/(a=fingerprint:sha-256 )([0-9A-F])/, (_, start: string, digit: string) => {
    return `${start}${digit === '0' ? '1' : '0'}`
  })
  return { payload: Uint8Array.from(Buffer.from(swapped, 'latin1')), signature }
}

/** A stranger's signal: fields of its choice, encoded and signed as if they were in order. */
function signedSignal(streamId: StreamId, to: PeerId, fields: Partial<SignalPayload>): SignedSignal {
  const stranger = createSigner(generateSeed())
  const payload = SignalPayload.encode({
    from: publicKeyOfPeer(peerIdFromPublicKey(stranger.publicKey)),
    to: publicKeyOfPeer(to),
    streamId: streamIdToBytes(streamId),
    nonce: Uint8Array.from(randomBytes(16)),
    at: Date.now(),
    kind: SignalPayload.Kind.OFFER,
    sdp: '',
    offerHash: new Uint8Array(),
    candidate: '',
    sdpMid: '',
    sdpMLineIndex: 0,
    ...fields,
  })
  return { payload, signature: stranger.sign(signingInput('signal', payload)) as Uint8Array }
}

function signedBytes(payload: Uint8Array): SignedSignal {
  const stranger = createSigner(generateSeed())
  return { payload, signature: stranger.sign(signingInput('signal', payload)) as Uint8Array }
}
