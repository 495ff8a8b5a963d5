import { isIP } from 'node:net'

/** How a request reached us, as far as the address that the asker should dial depends on it. */
export type RequestOrigin = {
  /** The `Host` header (or the proxy's); untrusted text. */
  readonly host: string
  readonly isSecure: boolean
}

export function originOf(request: { readonly host: string; readonly protocol: string }): RequestOrigin {
  return { host: request.host, isSecure: request.protocol === 'https' }
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([0-9a-z](?:[0-9a-z.-]{0,251}[0-9a-z])?))(?::(\d{1,5}))?$/i
const PORT_MAX = 65_535

/** Name and port of a `Host` header; undefined unless it is a plain one. */
export function parseHost({ host, isSecure }: RequestOrigin): { name: string; port: number } | undefined {
  const [, ipv6, name = ipv6, digits] = HOST.exec(host) ?? []
  const port = digits === undefined ? (isSecure ? 443 : 80) : Number(digits)
  if (name === undefined || port < 1 || port > PORT_MAX) return undefined
  return isIP(name) === 0 && ipv6 !== undefined ? undefined : { name: name.toLowerCase(), port }
}

/** Where a peer that sent this `Host` finds this tracker: HTTP and libp2p share the port, so it is the same place. */
export function multiaddrFor(origin: RequestOrigin, peerId: string): string | undefined {
  const at = parseHost(origin)
  if (at === undefined) return undefined
  const family = { 0: 'dns4', 4: 'ip4', 6: 'ip6' }[isIP(at.name)]
  return `/${family}/${at.name}/tcp/${at.port}/${origin.isSecure ? 'tls/ws' : 'ws'}/p2p/${peerId}`
}
