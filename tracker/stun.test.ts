import { createHmac, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { describe, expect, it } from 'vitest'
import type { PeerId } from '../shared/protocol/ids.ts'
import { systemClock } from './clock.ts'
import { lineLogger } from './logger.ts'
import { parseNetworkAddress } from './network-address.ts'
import { answerBinding } from './stun-message.ts'
import { startStunServer } from './stun-server.ts'
import { turnServer } from './turn-credentials.ts'

const TRANSACTION = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex')
const request = (attributes = Buffer.alloc(0)) => {
  const header = Buffer.alloc(20)
  header.writeUInt16BE(1, 0)
  header.writeUInt16BE(attributes.length, 2)
  header.writeUInt32BE(0x2112a442, 4)
  TRANSACTION.copy(header, 8)
  return Buffer.concat([header, attributes])
}

const bytes = (address: string) => parseNetworkAddress(address)?.bytes ?? []

describe('STUN', () => {
  it('T-STUN-1 answers with the address and port that RFC 5769 §2.2 and §2.3 expect', () => {
    const ipv4 = answerBinding(request(), bytes('192.0.2.1'), 32853)
    expect(ipv4?.toString('hex')).toBe(
      `0101000c2112a442${TRANSACTION.toString('hex')}002000080001a147e112a643`,
    )
    const ipv6 = answerBinding(request(), bytes('2001:db8:1234:5678:11:2233:4455:6677'), 32853)
    expect(ipv6?.subarray(20).toString('hex')).toBe('002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9')
  })

  it('T-STUN-1 takes requests with attributes, as browsers send them', () => {
    const fingerprint = Buffer.from('80280004e57a3bcf', 'hex')
    expect(answerBinding(request(fingerprint), bytes('192.0.2.1'), 1)).toBeDefined()
  })

  it('T-STUN-2 drops whatever is no well-formed binding request', () => {
    const good = request()
    const altered = (offset: number, value: number) => {
      const bytes = Buffer.from(good)
      bytes[offset] = value
      return bytes
    }
    const bad = [
      Buffer.alloc(0),
      good.subarray(0, 19),
      altered(0, 0x01),
      altered(1, 0x11),
      altered(3, 4),
      altered(4, 0),
      request(Buffer.from('802800ff00000000', 'hex')),
      request(Buffer.alloc(600)),
      Buffer.concat([good, Buffer.alloc(4)]),
    ]
    for (const message of bad) expect(answerBinding(message, bytes('192.0.2.1'), 1)).toBeUndefined()
    for (let count = 0; count < 2_000; count++) answerBinding(randomBytes(count % 100), bytes('192.0.2.1'), 1)
  })

  it('T-STUN-1 answers over UDP', async () => {
    const logger = lineLogger('silent', () => {})
    const server = await startStunServer({ host: '127.0.0.1', port: 0 }, { clock: systemClock, logger })
    const client = createSocket('udp4')
    try {
      const answered = new Promise<Buffer>(resolve => client.once('message', resolve))
      client.send('rubbish', server.port, '127.0.0.1')
      client.send(request(), server.port, '127.0.0.1')
      const answer = await answered
      expect(answer).toEqual(answerBinding(request(), bytes('127.0.0.1'), client.address().port))
    } finally {
      client.close()
      await server.close()
    }
  })

  it('T-TURN-1 makes credentials that coturn accepts, for one peer and 10 min', () => {
    const turn = { urls: ['turn:turn.example:3478'], secret: 'north' }
    const server = turnServer(turn, '12D3KooWPeer' as PeerId, 1_700_000_000_000)
    expect(server.username).toBe('1700000600:12D3KooWPeer')
    expect(server.credential).toBe(
      createHmac('sha1', 'north').update('1700000600:12D3KooWPeer').digest('base64'),
    )
  })
})
