export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'studio' }
  | { readonly page: 'wallet' }
  /** `streamId` as it stands in the address: not yet checked. */
  | { readonly page: 'watch'; readonly streamId: string }
  | { readonly page: 'unknown'; readonly path: string }

/** Twelve connections are a peer's most (CONNECTIONS_MAX); two are its parent and the next candidate. */
const SLOTS_MAX = 10

/** `hash`: `location.hash`, with or without `#`. What follows a `?` inside it is settings, not path. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#/, '').split('?', 1)[0] ?? ''
  const [first = '', second = '', ...rest] = path.split('/').filter(part => part !== '')
  if (first === '') return { page: 'home' }
  if (rest.length === 0 && first === 'studio' && second === '') return { page: 'studio' }
  if (rest.length === 0 && first === 'wallet' && second === '') return { page: 'wallet' }
  if (rest.length === 0 && first === 'watch') return { page: 'watch', streamId: decode(second) }
  return { page: 'unknown', path: decode(path) }
}

/**
 * How many children this tab serves, from `slots=N` (0 to 10) in the query before or inside the hash;
 * undefined leaves it to the engine.
 */
export function readSlots(url: { readonly search: string; readonly hash: string }): number | undefined {
  const inHash = url.hash.includes('?') ? url.hash.slice(url.hash.indexOf('?') + 1) : ''
  const text = new URLSearchParams(inHash).get('slots') ?? new URLSearchParams(url.search).get('slots')
  if (text === null || !/^\d{1,2}$/.test(text)) return undefined
  return Math.min(Number(text), SLOTS_MAX)
}

/** The same address with the choice of upload slots in the hash's query; undefined takes it out. */
export function withSlots(pageUrl: string, slots: number | undefined): string {
  const url = new URL(pageUrl)
  url.searchParams.delete('slots')
  const path = url.hash.split('?', 1)[0] ?? ''
  url.hash = slots === undefined ? path : `${path}?slots=${slots}`
  return url.href
}

/** The address to give to viewers: this site's own, without this tab's settings. */
export function watchLink(pageUrl: string, streamId: string): string {
  const url = new URL(pageUrl)
  url.search = ''
  url.hash = watchHash(streamId)
  return url.href
}

export function watchHash(streamId: string): string {
  return `#/watch/${streamId}`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
