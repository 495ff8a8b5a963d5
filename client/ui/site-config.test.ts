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

  it('U-CONFIG-2 says so when no tracker is named', () => {
    for (const bad of [null, 'x', [], {}, { trackers: 'x' }, { trackers: [] }, { trackers: ['http://x'] }])
      expect(() => readSiteConfig(bad)).toThrow(SiteConfigError)
  })
})
