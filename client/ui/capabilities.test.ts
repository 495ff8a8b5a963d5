import { describe, expect, it } from 'vitest'
import { type BrowserGlobals, checkCapabilities } from './capabilities.ts'

const complete: BrowserGlobals = {
  isSecureContext: true,
  location: { href: 'https://example.org/#/' },
  RTCPeerConnection: class {},
  VideoDecoder: class {},
  AudioDecoder: class {},
  VideoEncoder: class {},
  AudioEncoder: class {},
  navigator: { mediaDevices: {} },
  crypto: globalThis.crypto,
}

async function lacking(browser: BrowserGlobals) {
  const report = await checkCapabilities(browser)
  return {
    toWatch: report.toWatch.map(item => item.capability),
    toStream: report.toStream.map(item => item.capability),
  }
}

describe('capabilities', () => {
  it('U-CAP-1 finds nothing missing in a complete browser', async () => {
    expect(await lacking(complete)).toEqual({ toWatch: [], toStream: [] })
  })

  it('U-CAP-1 names each missing part', async () => {
    expect(await lacking({ ...complete, RTCPeerConnection: undefined })).toEqual({
      toWatch: ['webrtc'],
      toStream: ['webrtc'],
    })
    expect((await lacking({ ...complete, AudioDecoder: undefined })).toWatch).toEqual(['decode'])
    const refusing = { generateKey: () => Promise.reject(new DOMException('no', 'NotSupportedError')) }
    expect((await lacking({ ...complete, crypto: { subtle: refusing } })).toWatch).toEqual(['ed25519'])
    expect((await lacking({ ...complete, crypto: {} })).toWatch).toEqual(['ed25519'])
  })

  it('U-CAP-2 lets a browser watch that only cannot encode or capture', async () => {
    expect(await lacking({ ...complete, VideoEncoder: undefined })).toEqual({
      toWatch: [],
      toStream: ['encode'],
    })
    expect(await lacking({ ...complete, navigator: {} })).toEqual({ toWatch: [], toStream: ['capture'] })
  })

  it('U-CAP-3 tells of an insecure origin alone, and how to mend it', async () => {
    const report = await checkCapabilities({
      isSecureContext: false,
      location: { href: 'http://tv.example/#/' },
    })
    expect(report.toWatch).toHaveLength(1)
    expect(report.toWatch[0]?.sentence).toContain('Open https://tv.example/')
    expect(report.toWatch[0]?.sentence).toContain('--tls-cert')
  })
})
