import { describe, expect, it } from 'vitest'
import { parseRoute, readSlots, watchHash, watchLink, withSlots } from './route.ts'

describe('routes', () => {
  it('U-ROUTE-1 reads the pages from the hash, settings apart', () => {
    expect(parseRoute('')).toEqual({ page: 'home' })
    expect(parseRoute('#')).toEqual({ page: 'home' })
    expect(parseRoute('#/?slots=1')).toEqual({ page: 'home' })
    expect(parseRoute('#/studio')).toEqual({ page: 'studio' })
    expect(parseRoute('#/wallet')).toEqual({ page: 'wallet' })
    expect(parseRoute('#/watch/abc?slots=2')).toEqual({ page: 'watch', streamId: 'abc' })
    expect(parseRoute('#/watch')).toEqual({ page: 'watch', streamId: '' })
  })

  it('U-ROUTE-1 names what is no page, whatever the address holds', () => {
    expect(parseRoute('#/watch/a/b')).toEqual({ page: 'unknown', path: '/watch/a/b' })
    expect(parseRoute('#/studio/x')).toEqual({ page: 'unknown', path: '/studio/x' })
    expect(parseRoute('#/wallet/x')).toEqual({ page: 'unknown', path: '/wallet/x' })
    expect(parseRoute('#/%zz')).toEqual({ page: 'unknown', path: '/%zz' })
  })

  it('U-ROUTE-2 reads upload slots from either query, bounded, else leaves them to the engine', () => {
    expect(readSlots({ search: '?slots=3', hash: '#/watch/a' })).toBe(3)
    expect(readSlots({ search: '?slots=3', hash: '#/watch/a?slots=0' })).toBe(0)
    expect(readSlots({ search: '?slots=99', hash: '' })).toBe(10)
    for (const bad of ['', '?slots=', '?slots=-1', '?slots=1e3', '?slots=x', '?slots=1000'])
      expect(readSlots({ search: bad, hash: '' })).toBeUndefined()
  })

  it('U-ROUTE-2 keeps a choice of slots in the address and takes it out again', () => {
    const chosen = withSlots('https://example.org/?slots=4#/watch/abc', 1)
    expect(chosen).toBe('https://example.org/#/watch/abc?slots=1')
    expect(readSlots(new URL(chosen))).toBe(1)
    expect(withSlots(chosen, undefined)).toBe('https://example.org/#/watch/abc')
  })

  it('U-ROUTE-3 makes a link of this site that carries none of this tab’s settings and reads back', () => {
    const link = watchLink('https://example.org/tv/index.html?slots=1#/studio', 'abc')
    expect(link).toBe('https://example.org/tv/index.html#/watch/abc')
    expect(parseRoute(watchHash('abc'))).toEqual({ page: 'watch', streamId: 'abc' })
  })
})
