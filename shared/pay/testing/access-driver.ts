import type { AccessEffect, AccessEvent, AccessPolicyOptions, AccessSnapshot } from '../access-contract.ts'
import { createAccessPolicy } from '../access-policy.ts'
import type { AccountHex, BlockRef, Evidence } from '../evidence.ts'

export const PAYOUT = account('payout')
export const PRICE = 1_000n
export const EPOCH_MS = 4_000

export type GrantEffect = Extract<AccessEffect, { kind: 'grant' }>
export type TermsEffect = Extract<AccessEffect, { kind: 'terms' }>

/** A made-up account that reads well in a failure. */
export function account(name: string): AccountHex {
  return `0x${name}`
}

export function blockAt(number: number, fork = 0): BlockRef {
  return { number, hash: `0x${number}.${fork}` }
}

/** An access policy, a clock, and a chain of blocks made by hand. */
export class AccessDriver {
  readonly options: AccessPolicyOptions
  policy: ReturnType<typeof createAccessPolicy>
  nowMs = 0
  height = 1
  /** Different for the blocks of each re-org. */
  fork = 0
  readonly effects: AccessEffect[] = []
  readonly firstEpoch: number
  #index = 0
  readonly #counters = new Map<string, number>()

  constructor(options: Partial<AccessPolicyOptions> = {}, firstEpoch = 10) {
    this.firstEpoch = firstEpoch
    this.options = {
      epochMs: EPOCH_MS,
      creditSeconds: 12,
      previewSeconds: 0,
      pricePerSecond: PRICE,
      payout: PAYOUT,
      ...options,
    }
    this.policy = createAccessPolicy(this.options)
    this.at(0)
  }

  /** The creator's page is loaded again. */
  reload(snapshot: AccessSnapshot): void {
    this.policy = createAccessPolicy({ ...this.options, snapshot })
    this.at(this.nowMs)
  }

  get epoch(): number {
    return this.firstEpoch + Math.floor(this.nowMs / this.options.epochMs)
  }

  step(event: AccessEvent): readonly AccessEffect[] {
    const effects = this.policy.step(event, { nowMs: this.nowMs })
    this.effects.push(...effects)
    return effects
  }

  /** Time goes on to `nowMs`. */
  at(nowMs: number): readonly AccessEffect[] {
    this.nowMs = nowMs
    const startedAtMs = nowMs - (nowMs % this.options.epochMs)
    return [
      ...this.step({ kind: 'position', epoch: this.epoch, startedAtMs }),
      ...this.step({ kind: 'tick' }),
    ]
  }

  evidence(evidence: Evidence): readonly AccessEffect[] {
    return this.step({ kind: 'evidence', evidence })
  }

  /** In the newest block. */
  fund(wallet: string, session: string, first = 0n): readonly AccessEffect[] {
    return this.evidence({
      kind: 'funded',
      place: this.#place(),
      wallet: account(wallet),
      remarkHash: account(`remark ${session}`),
      moved: [
        { to: account(`budget ${session}`), planck: 10n ** 9n },
        { to: PAYOUT, planck: first },
      ],
    })
  }

  pay(session: string, planck: bigint): readonly AccessEffect[] {
    return this.evidence({ kind: 'paid', place: this.#place(), from: account(`budget ${session}`), planck })
  }

  mine(): void {
    this.height++
  }

  finalise(height = this.height): readonly AccessEffect[] {
    return this.evidence({ kind: 'finalised', block: blockAt(height, this.fork) })
  }

  /** The newest blocks are gone, the highest first. */
  retract(depth: number): void {
    for (let gone = 0; gone < depth; gone++) {
      this.evidence({ kind: 'retracted', block: blockAt(this.height, this.fork) })
      this.height--
    }
  }

  request(
    viewer: string,
    wallet: string,
    session: string,
    facts: Partial<Extract<AccessEvent, { kind: 'request' }>> = {},
  ): readonly AccessEffect[] {
    return this.step({
      kind: 'request',
      viewer,
      viewerKey: `key of ${viewer}`,
      wallet: account(wallet),
      session: account(session),
      budget: account(`budget ${session}`),
      remarkHash: account(`remark ${session}`),
      counter: this.#next('request'),
      epoch: this.epoch,
      ...facts,
    })
  }

  pull(viewer: string, epoch = this.epoch, stalledMs = 0): readonly AccessEffect[] {
    return this.step({ kind: 'pull', viewer, counter: this.#next(viewer), epoch, stalledMs })
  }

  leave(viewer: string, stalledMs = 0): readonly AccessEffect[] {
    return this.step({ kind: 'leave', viewer, counter: this.#next(viewer), stalledMs })
  }

  #place(): { readonly block: BlockRef; readonly index: number } {
    this.#index++
    return { block: blockAt(this.height, this.fork), index: this.#index }
  }

  #next(name: string): number {
    const next = (this.#counters.get(name) ?? 0) + 1
    this.#counters.set(name, next)
    return next
  }
}

export function grantsOf(effects: readonly AccessEffect[]): GrantEffect[] {
  return effects.filter(effect => effect.kind === 'grant')
}

export function termsOf(effects: readonly AccessEffect[]): TermsEffect['terms'][] {
  return effects.flatMap(effect => (effect.kind === 'terms' ? [effect.terms] : []))
}

/** A viewer that asks for every epoch, from now until `untilMs`. Epochs granted to it, in order. */
export function watch(
  driver: AccessDriver,
  viewer: string,
  untilMs: number,
  each?: (nowMs: number) => void,
): number[] {
  const from = driver.effects.length
  for (let nowMs = driver.nowMs + 250; nowMs <= untilMs; nowMs += 250) {
    driver.at(nowMs)
    each?.(nowMs)
    if (nowMs % 4_000 === 2_000) driver.pull(viewer, driver.epoch + 1)
  }
  return grantsOf(driver.effects.slice(from))
    .filter(grant => grant.viewer === viewer && !grant.isAgain)
    .map(({ epoch }) => epoch)
}

export function funded(options: ConstructorParameters<typeof AccessDriver>[0] = {}): AccessDriver {
  const driver = new AccessDriver(options)
  driver.fund('alice', 's1')
  driver.finalise()
  return driver
}
