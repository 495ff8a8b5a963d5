import type { StreamId } from '../../../shared/protocol/ids.ts'
import type {
  AccessTaker,
  AccessTakerEvents,
  AccessTakerStart,
  ContentHeader,
  ContentOpener,
  EpochPosition,
} from '../../engine/access/access-contract.ts'
import type { EngineDeps } from '../../engine/ports.ts'
import { TypedEmitter } from '../../engine/typed-emitter.ts'
import type { ViewerAccessParts } from '../../engine/viewer-access.ts'

/**
 * What opens a paid stream in a page. Its code is loaded when a session is there to ask with: most streams are free, and
 * of a paid one nothing can be opened before.
 */
export function viewerAccess(deps: EngineDeps): (streamId: StreamId) => ViewerAccessParts {
  return streamId => {
    const opener = new LateOpener()
    const load = async () => {
      const [{ AccessTakerShell }, { WebContentOpener }] = await Promise.all([
        import('../../engine/access/access-taker.ts'),
        import('../../engine/access/content-opener.ts'),
      ])
      opener.follow(new WebContentOpener(streamId))
      const { clock, random, logger } = deps
      return new AccessTakerShell({ clock, random, logger: logger.scope('access') })
    }
    return { taker: new LateTaker(load), opener }
  }
}

const EVENTS = ['up', 'key', 'terms', 'refused', 'missing'] as const satisfies (keyof AccessTakerEvents)[]

/** Before `start` a taker does nothing: so long there need not be one. */
class LateTaker implements AccessTaker {
  readonly #load: () => Promise<AccessTaker>
  readonly #events = new TypedEmitter<AccessTakerEvents>()
  #taker: AccessTaker | undefined
  #creatorKey: Uint8Array | undefined
  #isClosed = false

  constructor(load: () => Promise<AccessTaker>) {
    this.#load = load
  }

  on<Name extends keyof AccessTakerEvents>(
    name: Name,
    listener: (payload: AccessTakerEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener)
  }

  async start(start: AccessTakerStart): Promise<void> {
    const taker = this.#taker ?? (await this.#load())
    if (this.#taker === undefined) {
      this.#taker = taker
      for (const name of EVENTS) taker.on(name, payload => this.#events.emit(name, payload))
    }
    if (this.#isClosed) taker.close()
    else await taker.start({ ...start, creatorKey: this.#creatorKey ?? start.creatorKey })
  }

  async setCreatorKey(creatorKey: Uint8Array): Promise<void> {
    // A creator that comes back while the code is on its way is asked by its new key.
    this.#creatorKey = creatorKey
    await this.#taker?.setCreatorKey(creatorKey)
  }

  receiveDown(message: { readonly counter: number; readonly body: Uint8Array }): void {
    this.#taker?.receiveDown(message)
  }

  setPosition(position: EpochPosition, isWatching: boolean, nowMs: number): void {
    this.#taker?.setPosition(position, isWatching, nowMs)
  }

  claimStalled(ms: number): void {
    this.#taker?.claimStalled(ms)
  }

  retry(nowMs: number): void {
    this.#taker?.retry(nowMs)
  }

  tick(nowMs: number): void {
    this.#taker?.tick(nowMs)
  }

  async leave(unplayedMs: number): Promise<void> {
    await this.#taker?.leave(unplayedMs)
  }

  close(): void {
    this.#isClosed = true
    this.#taker?.close()
  }
}

/** Keys come from a taker, so there is none before its opener is there. */
class LateOpener implements ContentOpener {
  #opener: ContentOpener | undefined

  follow(opener: ContentOpener): void {
    this.#opener = opener
  }

  addKey(epoch: number, key: Uint8Array): void {
    this.#opener?.addKey(epoch, key)
  }

  hasKey(epoch: number): boolean {
    return this.#opener?.hasKey(epoch) ?? false
  }

  async open(frame: ContentHeader & { readonly payload: Uint8Array }): Promise<Uint8Array | undefined> {
    return this.#opener?.open(frame)
  }

  close(): void {
    this.#opener?.close()
  }
}
