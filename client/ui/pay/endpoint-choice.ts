import { ENDPOINTS_MAX, isEndpoint, type SiteConfig } from '../site-config.ts'

const KEY = 'vilokanam/chain-endpoints'

export type Endpoints = { readonly addresses: readonly string[]; readonly isOwnChoice: boolean }

/** The user's own nodes where some were chosen, else the site's; none where neither names one. */
export function readEndpoints(
  config: Pick<SiteConfig, 'chain'>,
  storage: Pick<Storage, 'getItem'>,
): Endpoints {
  const own = parse(read(storage))
  return own.length > 0
    ? { addresses: own, isOwnChoice: true }
    : { addresses: config.chain?.endpoints ?? [], isOwnChoice: false }
}

/** Undefined goes back to the site's. Throws what the storage throws where it takes nothing. */
export function keepEndpoints(
  addresses: readonly string[] | undefined,
  storage: Pick<Storage, 'setItem' | 'removeItem'>,
): void {
  if (addresses === undefined) storage.removeItem(KEY)
  else storage.setItem(KEY, JSON.stringify(addresses))
}

function read(storage: Pick<Storage, 'getItem'>): string | null {
  try {
    return storage.getItem(KEY)
  } catch {
    // A browser that keeps no storage for this site has kept no choice either.
    return null
  }
}

function parse(text: string | null): readonly string[] {
  try {
    const json: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(json) ? json.filter(isEndpoint).slice(0, ENDPOINTS_MAX) : []
  } catch {
    return []
  }
}
