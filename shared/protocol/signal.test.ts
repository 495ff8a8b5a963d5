import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSigner, nodeCrypto } from '../../tracker/node-crypto.ts'
import type { CryptoPort } from './crypto-port.ts'
import { SignalPayload } from './generated/records.ts'
import { peerIdFromPublicKey, streamIdFromBytes } from './ids.ts'
import { SDP_MAX_BYTES, SIGNAL_PAYLOAD_MAX_BYTES, SIGNAL_VALID_MS } from './limits.ts'
import { type Signal, type SignalBody, signSignal, verifySignal } from './signal.ts'
import { signingInput } from './signing.ts'
import { EXAMPLE_CANDIDATE, EXAMPLE_SDP, filled } from './testing/message-examples.ts'
import { mulberry32, mutate } from './testing/mutate.ts'
import { refusalOfAsync } from './testing/refusal.ts'

const [alice, bob] = [createSigner(filled(32, 1)), createSigner(filled(32, 2))]
const from = peerIdFromPublicKey(alice.publicKey)
const to = peerIdFromPublicKey(bob.publicKey)
const streamId = streamIdFromBytes(filled(32, 0x5d))
const AT = 1_764_000_000_000
const offer: SignalBody = { kind: 'offer', sdp: EXAMPLE_SDP }
const answer: SignalBody = { kind: 'answer', sdp: EXAMPLE_SDP, offerHash: filled(32, 0x0f) }
const candidate: SignalBody = {
  kind: 'candidate',
  candidate: EXAMPLE_CANDIDATE,
  sdpMid: '0',
  sdpMLineIndex: 0,
}
const signal = (body: SignalBody): Signal => ({ from, to, streamId, nonce: filled(16, 0x0c), at: AT, body })
const refusal = async (body: SignalBody) => refusalOfAsync(() => signSignal(signal(body), alice))
const sdp = (change: (sdp: string) => string) => refusal({ kind: 'offer', sdp: change(EXAMPLE_SDP) })

/** A payload that an honest sender would not write, signed all the same. */
async function refusalOfPayload(change: Partial<SignalPayload>, body = offer): Promise<string | undefined> {
  const { payload } = await signSignal(signal(body), alice)
  const changed = SignalPayload.encode({ ...SignalPayload.decode(payload), ...change })
  const signed = { payload: changed, signature: alice.sign(signingInput('signal', changed)) }
  return refusalOfAsync(() => verifySignal(signed, to, streamId, AT, nodeCrypto))
}

describe('W-SIGNAL-3 form', () => {
  test('W-SIGNAL-3 golden payloads', async () => {
    const golden = async (body: SignalBody) =>
      Buffer.from((await signSignal(signal(body), alice)).payload).toString('hex')
    const hex = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('hex')
    const start = `0a20${hex(alice.publicKey)}1220${hex(bob.publicKey)}1a20${'5d'.repeat(32)}2210${'0c'.repeat(16)}2880d0dfb4ab33`
    const text = `3aec02${hex(EXAMPLE_SDP)}`
    expect(EXAMPLE_SDP).toHaveLength(2 * 128 + 0x6c)
    expect(await golden(offer)).toBe(start + text)
    expect(await golden(answer)).toBe(`${start}3001${text}4220${'0f'.repeat(32)}`)
    expect(await golden(candidate)).toBe(`${start}30024a42${hex(EXAMPLE_CANDIDATE)}520130`)
  })

  test.each([offer, answer, candidate, { ...candidate, candidate: '' }])(
    'W-SIGNAL-3 $kind comes back',
    async body => {
      const signed = await signSignal(signal(body), alice)
      expect(await verifySignal(signed, to, streamId, AT, nodeCrypto)).toEqual(signal(body))
    },
  )

  test('W-SIGNAL-3 sizes', async () => {
    expect(await refusalOfPayload({ nonce: filled(15, 1) })).toBe('bad-field')
    expect(await refusalOfPayload({ from: filled(31, 1) })).toBe('bad-field')
    expect(await refusalOfPayload({ streamId: filled(33, 1) })).toBe('bad-field')
    expect(await refusalOfPayload({ offerHash: filled(31, 1) }, answer)).toBe('bad-field')
    const signed = { payload: filled(SIGNAL_PAYLOAD_MAX_BYTES + 1, 1), signature: filled(64, 1) }
    expect(await refusalOfAsync(() => verifySignal(signed, to, streamId, AT, nodeCrypto))).toBe('too-large')
  })
})

describe('W-SIGNAL-4 SDP', () => {
  const VIDEO = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\n'

  test('W-SIGNAL-4 what Chromium and Firefox write passes', async () => {
    expect(await sdp(text => text)).toBeUndefined()
    expect(await sdp(text => text.replaceAll('\r\n', '\n'))).toBeUndefined()
    expect(await sdp(text => text.replace('AB:AB', 'ab:ab'))).toBeUndefined()
    // Firefox repeats the session's fingerprint in the section.
    expect(
      await sdp(text => `${text}a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}\r\n`),
    ).toBeUndefined()
    expect(await sdp(text => text + `a=${EXAMPLE_CANDIDATE}\r\n`.repeat(12))).toBeUndefined()
  })

  test('W-SIGNAL-4 at most 8 KiB', async () => {
    const padded = (length: number) => `${EXAMPLE_SDP}a=${'x'.repeat(length - EXAMPLE_SDP.length - 2)}`
    expect(await refusal({ kind: 'offer', sdp: padded(SDP_MAX_BYTES) })).toBeUndefined()
    expect(await refusal({ kind: 'offer', sdp: padded(SDP_MAX_BYTES + 1) })).toBe('too-large')
  })

  test.each<[string, (sdp: string) => string, string]>([
    ['nothing', () => '', 'bad-field'],
    ['no section', t => t.replace(/m=.*\r\n/, ''), 'bad-field'],
    ['a video section too', t => t + VIDEO, 'bad-field'],
    ['a video section instead', t => t.replace(/m=.*\r\n/, VIDEO), 'bad-field'],
    ['a video section after a bare CR', t => `${t}a=x\r${VIDEO}`, 'bad-field'],
    ['a video section after blanks', t => `${t} \t`.replace('\t', '') + VIDEO, 'bad-field'],
    ['two data sections', t => t + (/m=.*\r\n/.exec(t)?.[0] ?? ''), 'bad-field'],
    ['another use of the data section', t => t.replace('webrtc-datachannel', '5000'), 'bad-field'],
    ['a section without DTLS', t => t.replace('UDP/DTLS/SCTP', 'UDP/SCTP'), 'bad-field'],
    ['no fingerprint', t => t.replace(/a=fingerprint.*\r\n/, ''), 'bad-field'],
    ['a SHA-1 fingerprint', t => t.replace('sha-256', 'sha-1'), 'bad-field'],
    ['a short fingerprint', t => t.replace('AB:AB', 'AB'), 'bad-field'],
    ['two fingerprints', t => `${t}a=fingerprint:sha-256 ${Array(32).fill('CD').join(':')}\r\n`, 'bad-field'],
    [
      'a second, SHA-1 fingerprint',
      t => `${t}a=fingerprint:sha-1 ${Array(20).fill('CD').join(':')}\r\n`,
      'bad-field',
    ],
    ['13 candidates', t => t + `a=${EXAMPLE_CANDIDATE}\r\n`.repeat(13), 'too-large'],
    ['a zero byte', t => `${t}\0`, 'bad-field'],
    ['a tab', t => t.replace('s=-', 's=\t'), 'bad-field'],
    ['a line separator of Unicode', t => `${t}a=x\u2028${VIDEO}`, 'bad-field'],
    ['JSON', () => '{"renegotiate":true}', 'bad-field'],
    ['a line before the version', t => `x\r\n${t}`, 'bad-field'],
  ])('W-SIGNAL-4 %s is refused', async (_, change, code) => {
    expect(change(EXAMPLE_SDP)).not.toBe(EXAMPLE_SDP)
    expect(await sdp(change)).toBe(code)
    expect(await refusal({ ...answer, sdp: change(EXAMPLE_SDP) })).toBe(code)
  })
})

describe('W-SIGNAL-5 candidates', () => {
  test.each<[string, Partial<typeof candidate>, string]>([
    ['something else', { candidate: 'a=candidate:1' }, 'bad-field'],
    ['two lines', { candidate: `${EXAMPLE_CANDIDATE}\r\na=x` }, 'bad-field'],
    ['a candidate of 513', { candidate: `candidate:${'1'.repeat(503)}` }, 'too-large'],
    ['a mid of 33', { sdpMid: '0'.repeat(33) }, 'too-large'],
    ['a mid of two lines', { sdpMid: '0\n' }, 'bad-field'],
    ['another section', { sdpMLineIndex: 1 }, 'bad-field'],
  ])('W-SIGNAL-5 %s is refused', async (_, change, code) => {
    expect(await refusal({ ...candidate, ...change })).toBe(code)
  })

  test('W-SIGNAL-3 a kind that simple-peer would obey cannot be said', async () => {
    const { payload } = await signSignal(signal(offer), alice)
    const at = Buffer.from(payload).indexOf(Buffer.from('3aec02', 'hex'))
    // kind = 3: there is no transceiver request and no renegotiation.
    const changed = Uint8Array.from([...payload.subarray(0, at), 0x30, 0x03, ...payload.subarray(at)])
    const signed = { payload: changed, signature: alice.sign(signingInput('signal', changed)) }
    expect(await refusalOfAsync(() => verifySignal(signed, to, streamId, AT, nodeCrypto))).toBe('bad-field')
  })
})

describe('W-SIGNAL-1 for whom, from whom, when', () => {
  const verify = async (self = to, stream = streamId, nowMs = AT, crypto: CryptoPort = nodeCrypto) => {
    const signed = await signSignal(signal(offer), alice)
    return refusalOfAsync(() => verifySignal(signed, self, stream, nowMs, crypto))
  }

  test('W-SIGNAL-1 only its addressee takes it, and only for its stream', async () => {
    expect(await verify()).toBeUndefined()
    expect(await verify(peerIdFromPublicKey(filled(32, 9)))).toBe('bad-field')
    expect(await verify(from)).toBe('bad-field')
    expect(await verify(to, streamIdFromBytes(filled(32, 9)))).toBe('wrong-stream')
    const own = await signSignal({ ...signal(offer), from: to }, bob)
    expect(await refusalOfAsync(() => verifySignal(own, to, streamId, AT, nodeCrypto))).toBe('bad-field')
  })

  test('W-SIGNAL-2 it is good for 30 s either way', async () => {
    expect(await verify(to, streamId, AT + SIGNAL_VALID_MS)).toBeUndefined()
    expect(await verify(to, streamId, AT - SIGNAL_VALID_MS)).toBeUndefined()
    expect(await verify(to, streamId, AT + SIGNAL_VALID_MS + 1)).toBe('expired')
    expect(await verify(to, streamId, AT - SIGNAL_VALID_MS - 1)).toBe('expired')
    expect(await verify(to, streamId, Number.NaN)).toBe('expired')
  })

  test('W-SIGNAL-1 no byte of it can be changed on the way', async () => {
    const signed = await signSignal(signal(answer), alice)
    const check = (payload: Uint8Array, signature: Uint8Array) =>
      refusalOfAsync(() => verifySignal({ payload, signature }, to, streamId, AT, nodeCrypto))
    for (let at = 0; at < signed.payload.length; at += 5) {
      const changed = new Uint8Array(signed.payload)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await check(changed, signed.signature)).toBeDefined()
    }
    expect(await check(signed.payload, bob.sign(signingInput('signal', signed.payload)))).toBe(
      'bad-signature',
    )
    expect(await check(signed.payload, alice.sign(signingInput('hello', signed.payload)))).toBe(
      'bad-signature',
    )
    expect(await check(signed.payload, signed.signature.subarray(1))).toBe('bad-field')
  })

  test('W-SIGNAL-3 a mutated signal is refused by WireError alone', async () => {
    const samples = await Promise.all(
      [offer, answer, candidate].map(async body => (await signSignal(signal(body), alice)).payload),
    )
    const yes: CryptoPort = { ...nodeCrypto, verify: () => true }
    const sample = fc.constantFrom(...samples)
    await fc.assert(
      fc.asyncProperty(fc.integer(), sample, sample, async (seed, one, other) => {
        const payload = mutate(one, other, mulberry32(seed), SIGNAL_PAYLOAD_MAX_BYTES)
        await refusalOfAsync(() => verifySignal({ payload, signature: filled(64, 1) }, to, streamId, AT, yes))
      }),
      { numRuns: 1_000 },
    )
  })
})
