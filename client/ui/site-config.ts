import { MULTIADDR_MAX_CHARS } from '../../shared/protocol/limits.ts'

/** What the site tells its pages, from `config.json` beside index.html; a tracker that hosts the site writes it. */
export type SiteConfig = {
  /** Multiaddrs, at least one. */
  readonly trackers: readonly string[]
  /** Local use: plain ws and private addresses may be dialled. */
  readonly isDev: boolean
  /** Where payments are made, unless the user chose nodes of their own. Absent: this site names none. */
  readonly chain?: { readonly endpoints: readonly string[] }
}

/** `message` says what is wrong with the site and who can mend it. */
export class SiteConfigError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'SiteConfigError'
  }
}

const TRACKERS_MAX = 16
export const ENDPOINTS_MAX = 8
const ENDPOINT_MAX_CHARS = 256

/** Throws SiteConfigError. */
export async function loadSiteConfig({ signal }: { signal?: AbortSignal } = {}): Promise<SiteConfig> {
  let response: Response
  try {
    response = await fetch('./config.json', { cache: 'no-cache', ...(signal && { signal }) })
  } catch (cause) {
    throw new SiteConfigError('This site does not answer. Check your connection, then try again.', { cause })
  }
  if (!response.ok)
    throw new SiteConfigError(
      `This site has no config.json (it answered ${response.status}), so the page knows no tracker. Whoever hosts it must put one beside index.html.`,
    )
  let json: unknown
  try {
    json = await response.json()
  } catch (cause) {
    throw new SiteConfigError('This site’s config.json is not JSON. Whoever hosts it must mend it.', {
      cause,
    })
  }
  return readSiteConfig(json)
}

/** Throws SiteConfigError unless `json` names at least one tracker. */
export function readSiteConfig(json: unknown): SiteConfig {
  const fields = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {}
  const listed = Array.isArray(fields['trackers']) ? (fields['trackers'] as readonly unknown[]) : []
  const trackers = listed
    .filter(item => typeof item === 'string' && item.startsWith('/') && item.length <= MULTIADDR_MAX_CHARS)
    .slice(0, TRACKERS_MAX) as string[]
  if (trackers.length === 0)
    throw new SiteConfigError(
      'This site’s config.json names no tracker. Whoever hosts it must add one, as in {"trackers": ["/dns4/…/tcp/443/wss/p2p/…"]}.',
    )
  const endpoints = readEndpoints(fields['chain'])
  return {
    trackers,
    isDev: fields['dev'] === true,
    ...(endpoints.length > 0 && { chain: { endpoints } }),
  }
}

function readEndpoints(chain: unknown): readonly string[] {
  const listed =
    typeof chain === 'object' && chain !== null ? (chain as Record<string, unknown>)['endpoints'] : []
  return Array.isArray(listed) ? listed.filter(isEndpoint).slice(0, ENDPOINTS_MAX) : []
}

/** The address of a chain node that a page can open: `wss://…`, or `ws://…` of one's own machine or network. */
export function isEndpoint(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > ENDPOINT_MAX_CHARS || !/^wss?:\/\/[^\s]+$/.test(text))
    return false
  return URL.canParse(text)
}
