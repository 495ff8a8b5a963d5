import { MULTIADDR_MAX_CHARS } from '../../shared/protocol/limits.ts'
import { EngineError } from '../engine/engine-error.ts'

export type TrackerAddresses = {
  /** libp2p addresses to dial, at least one. */
  readonly multiaddrs: readonly string[]
  /** Where people open the site; undefined when only multiaddrs were given. Ends in `/`. */
  readonly siteUrl: string | undefined
}

const TRACKERS_MAX = 16
const CONFIG_TIMEOUT_MS = 5_000
const CONFIG_MAX_BYTES = 64 * 1024

/**
 * Takes multiaddrs as they are and asks an http(s) address for its `/config.json`, which every tracker serves.
 * Throws EngineError('tracker-unreachable') with the address and what to do; the signal's reason when aborted.
 */
export async function resolveTrackers(
  addresses: readonly string[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<TrackerAddresses> {
  const multiaddrs: string[] = []
  let siteUrl: string | undefined
  for (const address of addresses) {
    if (address.startsWith('/')) {
      multiaddrs.push(address)
      continue
    }
    const site = siteOf(address)
    multiaddrs.push(...(await trackersOf(site, signal)))
    siteUrl ??= site
  }
  return { multiaddrs: multiaddrs.slice(0, TRACKERS_MAX), siteUrl }
}

/** The page on which a stream is watched. */
export function watchUrl(siteUrl: string, streamId: string): string {
  return `${siteUrl}#/watch/${streamId}`
}

function siteOf(address: string): string {
  let url: URL
  try {
    url = new URL(address.includes('://') ? address : `http://${address}`)
  } catch (cause) {
    throw unreachable(
      address,
      'is no address; a tracker is named as in http://localhost:8080 or /dns4/…/ws',
      cause,
    )
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw unreachable(address, 'is neither http nor https, nor a multiaddr that begins with /')
  }
  url.hash = ''
  url.search = ''
  url.pathname = url.pathname.replace(/[^/]*$/, '')
  return url.href
}

async function trackersOf(site: string, signal: AbortSignal | undefined): Promise<string[]> {
  const timeout = AbortSignal.timeout(CONFIG_TIMEOUT_MS)
  let text: string
  try {
    const response = await fetch(new URL('config.json', site), {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    text = await response.text()
  } catch (cause) {
    signal?.throwIfAborted()
    throw unreachable(site, 'does not answer. Is it running? Start one with `vilokanam tracker`', cause)
  }
  const listed = text.length > CONFIG_MAX_BYTES ? [] : readTrackers(text)
  if (listed.length === 0) throw unreachable(site, 'is no tracker: its config.json names none')
  return listed
}

function readTrackers(text: string): string[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return []
  }
  const listed = typeof json === 'object' && json !== null && 'trackers' in json ? json.trackers : undefined
  if (!Array.isArray(listed)) return []
  return listed.filter(
    (item): item is string =>
      typeof item === 'string' && item.startsWith('/') && item.length <= MULTIADDR_MAX_CHARS,
  )
}

function unreachable(address: string, why: string, cause?: unknown): EngineError {
  return new EngineError(
    'tracker-unreachable',
    `The tracker ${address} ${why}. Name another one with --tracker.`,
    { cause },
  )
}
