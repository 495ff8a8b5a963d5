import type { createBrowserDeps } from '../engine/browser.ts'
import type { Directory } from '../engine/net/directory.ts'
import { type CapabilityReport, checkCapabilities } from './capabilities.ts'
import { once } from './once.ts'
import { type Endpoints, readEndpoints } from './pay/endpoint-choice.ts'
import type { PayRoom } from './pay/pay-room.ts'
import { loadSiteConfig, type SiteConfig } from './site-config.ts'

export type Engine = Awaited<ReturnType<typeof createBrowserDeps>>

/**
 * What all pages of this tab share, made at first use: one configuration, one peer key, one set of tracker
 * connections. What failed is tried again at the next call.
 */
export class AppContext {
  readonly config: () => Promise<SiteConfig> = once(() => loadSiteConfig())
  readonly capabilities: () => Promise<CapabilityReport> = once(() => checkCapabilities(globalThis))
  readonly engine: () => Promise<Engine> = once(async () => {
    // The network stack is most of the page's weight: it is on its way while the configuration is.
    const [{ createBrowserDeps }, { consoleLogger }, config] = await Promise.all([
      import('../engine/browser.ts'),
      import('../engine/console-logger.ts'),
      this.config(),
    ])
    return createBrowserDeps({
      trackers: config.trackers,
      isDev: config.isDev,
      logger: consoleLogger(config.isDev ? 'info' : 'warn'),
    })
  })

  /** Everything about money is loaded with it, and nothing before: a free stream needs none of it. */
  readonly payRoom: () => Promise<PayRoom> = once(async () => {
    const [{ openPayRoom }, endpoints] = await Promise.all([
      import('./pay/open-pay-room.ts'),
      this.endpoints(),
    ])
    return openPayRoom(endpoints.addresses)
  })

  async endpoints(): Promise<Endpoints> {
    return readEndpoints(await this.config(), localStorage)
  }

  /** Gossipsub comes with it, which a page that only watches never loads. The caller closes it. */
  async openDirectory(): Promise<Directory> {
    const [{ Directory }, engine] = await Promise.all([import('../engine/net/directory.ts'), this.engine()])
    return new Directory({ ...engine, logger: engine.logger.scope('directory') })
  }
}
