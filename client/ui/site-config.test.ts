import { describe, expect, it } from 'vitest'
import { readSiteConfig, SiteConfigError } from './site-config.ts'

const address = '/dns4/tracker.example/tcp/443/wss/p2p/12D3KooWExample'

describe('config.json', () => {
  it('U-CONFIG-1 takes multiaddrs and nothing else for trackers', () => {
    expect(readSiteConfig({ trackers: [address], dev: true })).toEqual({ trackers: [address], isDev: true })
    expect(
      readSiteConfig({ trackers: [7, 'https://x', address, `/${'a'.repeat(300)}`], dev: 'yes' }),
    ).toEqual({
      trackers: [address],
      isDev: false,
    })
    expect(readSiteConfig({ trackers: Array(99).fill(address) }).trackers).toHaveLength(16)
  })

  it('U-CONFIG-3 takes addresses of chain nodes and nothing else, and needs none', () => {
    const of = (chain: unknown) => readSiteConfig({ trackers: [address], chain }).chain
    expect(of({ endpoints: ['wss://a.example', 'ws://127.0.0.1:9944'] })).toEqual({
      endpoints: ['wss://a.example', 'ws://127.0.0.1:9944'],
    })
    expect(of({ endpoints: ['https://a', 'wss://', 7, `wss://${'a'.repeat(300)}`, 'wss://b'] })).toEqual({
      endpoints: ['wss://b'],
    })
    expect(of({ endpoints: Array(99).fill('wss://a') })?.endpoints).toHaveLength(8)
    for (const bad of [undefined, null, 'wss://a', {}, { endpoints: 'wss://a' }, { endpoints: [] }])
      expect(of(bad)).toBeUndefined()
  })

  it('U-CONFIG-2 says so when no tracker is named', () => {
    for (const bad of [null, 'x', [], {}, { trackers: 'x' }, { trackers: [] }, { trackers: ['http://x'] }])
      expect(() => readSiteConfig(bad)).toThrow(SiteConfigError)
  })
})
