import { describe, expect, it } from 'vitest'
import { keepEndpoints, readEndpoints } from './endpoint-choice.ts'

function memory() {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

const site = { chain: { endpoints: ['wss://site.example'] } }

describe('choice of chain nodes', () => {
  it('U-PAY-2 the user’s own nodes go before the site’s, until given up', () => {
    const storage = memory()
    expect(readEndpoints(site, storage)).toEqual({ addresses: ['wss://site.example'], isOwnChoice: false })
    expect(readEndpoints({}, storage).addresses).toEqual([])
    keepEndpoints(['wss://mine.example'], storage)
    expect(readEndpoints(site, storage)).toEqual({ addresses: ['wss://mine.example'], isOwnChoice: true })
    keepEndpoints(undefined, storage)
    expect(readEndpoints(site, storage).isOwnChoice).toBe(false)
  })

  it('U-PAY-2 what is kept is checked when read, and no storage is no choice', () => {
    const storage = memory()
    keepEndpoints(['javascript:alert(1)', 'wss://mine.example'], storage)
    expect(readEndpoints(site, storage).addresses).toEqual(['wss://mine.example'])
    for (const key of storage.kept.keys()) storage.kept.set(key, '{')
    expect(readEndpoints(site, storage).isOwnChoice).toBe(false)
    const refusing = {
      getItem: () => {
        throw new DOMException('no', 'SecurityError')
      },
    }
    expect(readEndpoints(site, refusing).addresses).toEqual(['wss://site.example'])
  })
})
