import { generateKeyPair } from '@libp2p/crypto/keys'
import { generateWebSigner, webCrypto, webSignerFromSeed } from './crypto/web-crypto.ts'
import { createBrowserPeer } from './net/simple-peer-browser.ts'
import { TrackerSession } from './net/tracker-session.ts'
import type { EngineDeps, Logger } from './ports.ts'

export type BrowserDepsOptions = {
  /** Multiaddrs ending in `/p2p/<tracker peer id>`. */
  readonly trackers: readonly string[]
  /** Plain `ws` and private addresses are allowed: a page of one's own machine. */
  readonly isDev: boolean
  readonly logger: Logger
}

/** The engine's host in a page: a new peer key for this tab, libp2p, the browser's WebRTC and WebCrypto. */
export async function createBrowserDeps(
  options: BrowserDepsOptions,
): Promise<EngineDeps & { readonly tracker: TrackerSession; close(): Promise<void> }> {
  const { logger, trackers, isDev } = options
  const key = await generateKeyPair('Ed25519')
  const seed = key.raw.slice(0, 32)
  const clock = { nowMs: () => performance.now(), wallMs: () => Date.now() }
  const random = Math.random
  const signer = await webSignerFromSeed(seed, key.publicKey.raw)
  const tracker = await TrackerSession.start({ trackers, seed, isDev }, { signer, clock, random, logger })
  return {
    crypto: webCrypto,
    tracker,
    createPeer: createBrowserPeer,
    clock,
    random,
    logger,
    generateSigner: generateWebSigner,
    close: () => tracker.close(),
  }
}
