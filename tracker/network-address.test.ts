import { describe, expect, it } from 'vitest'
import { parseNetworkAddress } from './network-address.ts'

describe('network address', () => {
  it('T-LIMIT-1 counts IPv4 by address and by /24, also where it comes mapped into IPv6', () => {
    const expected = {
      address: '203.0.113.9',
      bytes: [203, 0, 113, 9],
      site: '203.0.113.9',
      network: '203.0.113.0/24',
      isLoopback: false,
    }
    expect(parseNetworkAddress('203.0.113.9')).toEqual(expected)
    expect(parseNetworkAddress('::ffff:203.0.113.9')).toEqual(expected)
    expect(parseNetworkAddress('127.1.2.3')?.isLoopback).toBe(true)
  })

  it('T-LIMIT-1 counts IPv6 by /64 and by /48, however it is written', () => {
    for (const text of ['2001:db8:1:2:3:4:5:6', '2001:0DB8:0001:0002:ffff::1', '2001:db8:1:2::%eth0']) {
      expect(parseNetworkAddress(text)).toMatchObject({
        site: '2001:db8:1:2::/64',
        network: '2001:db8:1::/48',
        isLoopback: false,
      })
    }
    expect(parseNetworkAddress('::1')?.isLoopback).toBe(true)
    expect(parseNetworkAddress('64:ff9b::192.0.2.33')?.site).toBe('64:ff9b:0:0::/64')
  })

  it('T-LIMIT-1 knows what is no address', () => {
    for (const text of ['', 'localhost', '1.2.3', '1.2.3.4.5', '::ffff:1.2.3', '12345::']) {
      expect(parseNetworkAddress(text)).toBeUndefined()
    }
  })
})
