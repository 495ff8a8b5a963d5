import type { PeerView, ViolationReason } from '../../shared/overlay/peer-core.ts'
import { createUpRoutes, type UpEffect, type UpEnv, type UpEvent } from '../../shared/overlay/up-routes.ts'
import type { CryptoPort, MaybePromise, Signer } from '../../shared/protocol/crypto-port.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import { UP_BODY_MAX_BYTES } from '../../shared/protocol/limits.ts'
import { type DownMessage, signUp, type UpMessage, verifyUp } from '../../shared/protocol/up-signature.ts'
import type { Clock } from './ports.ts'

/** `warm`: through the second parent, when what went through the first was not answered. */
export type UpVia = 'parent' | 'warm'

export type UpDownDeps = {
  readonly streamId: StreamId
  readonly isRoot: boolean
  readonly crypto: CryptoPort
  readonly clock: Clock
  readonly generateSigner: () => Promise<Signer>
  readonly view: () => PeerView
  readonly roomPeers: () => number
}

export type UpDownHandlers = {
  send(to: PeerId, message: UpMessage | DownMessage): void
  onViolation(from: PeerId, reason: ViolationReason, detail: string): void
  /** At the creator: its signature is good, what it says is still to be judged. */
  onUp(message: UpMessage): void
  /** At the sender of an `up`: whoever is on the way may have written it. */
  onDown(message: DownMessage): void
}

/** Messages up to the creator and answers down, hop by hop; each checked before it goes on. */
export class UpDown {
  readonly #deps: UpDownDeps
  readonly #handlers: UpDownHandlers
  readonly #routes = createUpRoutes()
  /** Made with the first message: most peers send none. Of this stream alone, so that it tells nobody who watches. */
  #origin: Promise<Signer> | undefined
  #counter = 0
  /** Messages leave in the order of their counters, or a hop would take them for old ones. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(deps: UpDownDeps, handlers: UpDownHandlers) {
    this.#deps = deps
    this.#handlers = handlers
  }

  get dropped(): number {
    return this.#routes.view.dropped
  }

  /**
   * Signs and sends one message towards the creator. Its counter, which answers carry; undefined when there is nobody
   * to send it to. `body`: at most 1 KiB.
   */
  send(body: Uint8Array, via: UpVia): Promise<number | undefined> {
    if (body.length > UP_BODY_MAX_BYTES)
      throw new RangeError(`a message up has at most ${UP_BODY_MAX_BYTES} bytes`)
    const origin = this.#signer()
    const sent = this.#tail.then(async () => {
      const counter = ++this.#counter
      const message = await signUp(this.#deps.streamId, await origin, counter, body)
      return this.#step({ kind: 'up-own', message, via }) ? counter : undefined
    })
    this.#tail = sent.catch(() => undefined)
    return sent
  }

  async origin(): Promise<Uint8Array> {
    return (await this.#signer()).publicKey
  }

  /** The creator's answer to message `counter` of that origin. False when no way to it is known any more. */
  answer(target: Uint8Array, counter: number, body: Uint8Array): boolean {
    if (body.length > UP_BODY_MAX_BYTES)
      throw new RangeError(`an answer has at most ${UP_BODY_MAX_BYTES} bytes`)
    return this.#step({ kind: 'down-own', message: { kind: 'down', target, counter, body } })
  }

  receive(from: PeerId, message: UpMessage | DownMessage): void {
    if (message.kind === 'down') this.#step({ kind: 'down', from, message })
    else this.#step({ kind: 'up', from, message })
  }

  #signer(): Promise<Signer> {
    this.#origin ??= this.#deps.generateSigner()
    return this.#origin
  }

  #step(event: UpEvent): boolean {
    const effects = this.#routes.step(event, this.#env())
    for (const effect of effects) this.#carryOut(effect)
    return effects.length > 0
  }

  #carryOut(effect: UpEffect): void {
    switch (effect.kind) {
      case 'verify':
        return this.#verify(effect.from, effect.message)
      case 'send':
        return this.#handlers.send(effect.to, effect.message)
      case 'deliver':
        if (effect.message.kind === 'up') this.#handlers.onUp(effect.message)
        else this.#handlers.onDown(effect.message)
    }
  }

  #verify(from: PeerId, message: UpMessage): void {
    const settle = (isSigned: boolean): void => {
      if (isSigned) this.#step({ kind: 'up-verified', from, message })
      else this.#handlers.onViolation(from, 'bad-signature', 'a message up that its origin has not signed')
    }
    const verdict: MaybePromise<boolean> = verifyUp(this.#deps.streamId, message, this.#deps.crypto)
    // At once where the host's crypto is synchronous.
    if (verdict instanceof Promise) void verdict.then(settle)
    else settle(verdict)
  }

  #env(): UpEnv {
    const { clock, isRoot, view, roomPeers } = this.#deps
    const { parent, warm, children, warmChildren } = view()
    return {
      nowMs: clock.nowMs(),
      isRoot,
      parent,
      warm,
      weightOf: peer => {
        const child = children.find(one => one.peer === peer)
        if (child !== undefined) return 1 + child.subtree
        return warmChildren.includes(peer) ? 1 : undefined
      },
      roomPeers: roomPeers(),
    }
  }
}
