/** What the pages need of a browser, in the order in which it is worth telling. */
export type Capability = 'secure-context' | 'webrtc' | 'decode' | 'ed25519' | 'encode' | 'capture'

export type Lacking = {
  readonly capability: Capability
  /** What is missing and what to do about it. */
  readonly sentence: string
}

export type CapabilityReport = {
  /** Empty: this browser can watch and relay. */
  readonly toWatch: readonly Lacking[]
  /** What going live needs beyond watching. Empty as well: it can stream. */
  readonly toStream: readonly Lacking[]
}

/** The globals that are looked at; tests hand in their own. */
export type BrowserGlobals = {
  readonly isSecureContext?: boolean
  readonly location?: { readonly href: string }
  readonly RTCPeerConnection?: unknown
  readonly VideoDecoder?: unknown
  readonly AudioDecoder?: unknown
  readonly VideoEncoder?: unknown
  readonly AudioEncoder?: unknown
  readonly navigator?: { readonly mediaDevices?: unknown }
  readonly crypto?: { readonly subtle?: Pick<SubtleCrypto, 'generateKey'> }
}

const BROWSERS =
  'Use a current Chrome, Edge, Brave or Opera (version 137 or newer), Firefox on a computer, or Safari 26.'

/** Takes about a millisecond: it makes one Ed25519 key to see whether the browser can. */
export async function checkCapabilities(browser: BrowserGlobals): Promise<CapabilityReport> {
  if (browser.isSecureContext !== true) {
    // Everything else is missing because of this, so only this is worth telling.
    const lacking = [
      { capability: 'secure-context', sentence: insecureSentence(browser.location?.href) },
    ] as const
    return { toWatch: lacking, toStream: lacking }
  }
  const toWatch: Lacking[] = []
  if (browser.RTCPeerConnection === undefined)
    toWatch.push({
      capability: 'webrtc',
      sentence: `This browser has no WebRTC, or an extension switched it off, so it cannot exchange video with other viewers. Allow WebRTC, or: ${BROWSERS}`,
    })
  if (browser.VideoDecoder === undefined || browser.AudioDecoder === undefined)
    toWatch.push({
      capability: 'decode',
      sentence: `This browser has no WebCodecs decoder, so it cannot show the picture. ${BROWSERS}`,
    })
  if (!(await hasEd25519(browser.crypto?.subtle)))
    toWatch.push({
      capability: 'ed25519',
      sentence: `This browser cannot check Ed25519 signatures, so it could not tell the creator’s video from a forgery. ${BROWSERS}`,
    })
  const toStream = [...toWatch]
  if (browser.VideoEncoder === undefined || browser.AudioEncoder === undefined)
    toStream.push({
      capability: 'encode',
      sentence: `This browser can watch but has no WebCodecs encoder, so it cannot go live. ${BROWSERS}`,
    })
  if (browser.navigator?.mediaDevices === undefined)
    toStream.push({
      capability: 'capture',
      sentence:
        'This browser gives pages no camera or microphone. A video file or the test pattern still works.',
    })
  return { toWatch, toStream }
}

function insecureSentence(href: string | undefined): string {
  const secure = href?.startsWith('http:')
    ? ` Open ${href.replace(/^http:/, 'https:').replace(/#.*$/, '')}, or`
    : ''
  return (
    'This page was loaded over plain http, where browsers switch off the camera, video decoding and cryptography.' +
    `${secure || ' Open it over https, or'} start the tracker with --tls-cert and --tls-key. On your own machine http://localhost works too.`
  )
}

async function hasEd25519(subtle: Pick<SubtleCrypto, 'generateKey'> | undefined): Promise<boolean> {
  try {
    await subtle?.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])
    return subtle !== undefined
  } catch {
    return false
  }
}
