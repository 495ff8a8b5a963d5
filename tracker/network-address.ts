import { isIP } from 'node:net'

/** What an address is counted under. */
export type NetworkAddress = {
  /** IPv4 also where it came mapped into IPv6; no zone. */
  readonly address: string
  /** 4 or 16. */
  readonly bytes: readonly number[]
  /** One customer: the IPv4 address, the IPv6 /64. Connections and joins are counted per site. */
  readonly site: string
  /** One provider's neighbourhood: /24 or /48. At most two candidates come from one. */
  readonly network: string
  readonly isLoopback: boolean
}

const MAPPED_PREFIX = '::ffff:'

/** Undefined for text that is no IP address. */
export function parseNetworkAddress(text: string): NetworkAddress | undefined {
  const bare = text.replace(/%.*$/, '').toLowerCase()
  const mapped = bare.startsWith(MAPPED_PREFIX) ? bare.slice(MAPPED_PREFIX.length) : ''
  const address = isIP(mapped) === 4 ? mapped : bare
  switch (isIP(address)) {
    case 4: {
      const bytes = address.split('.').map(Number)
      const network = `${bytes.slice(0, 3).join('.')}.0/24`
      return { address, bytes, site: address, network, isLoopback: bytes[0] === 127 }
    }
    case 6: {
      const groups = ipv6Groups(address)
      const prefix = (length: number): string =>
        groups
          .slice(0, length)
          .map(group => group.toString(16))
          .join(':')
      return {
        address,
        bytes: groups.flatMap(group => [group >> 8, group & 0xff]),
        site: `${prefix(4)}::/64`,
        network: `${prefix(3)}::/48`,
        isLoopback: groups.every((group, index) => group === (index === 7 ? 1 : 0)),
      }
    }
    default:
      return undefined
  }
}

/** Eight 16-bit groups. `address` is valid IPv6. */
function ipv6Groups(address: string): number[] {
  const hexadecimal = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail = ''] = hexadecimal.split('::')
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16))
  const before = read(head)
  const after = read(tail)
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return [...before, ...zeros, ...after]
}
