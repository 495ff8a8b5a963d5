import type { EngineDeps } from './ports.ts'
import { StreamMember } from './stream-member.ts'

export type RelayOptions = {
  /** Children served; 8 by default: a relay is run to lend bandwidth. */
  readonly slots?: number
}

/** Verifies and forwards one stream without playing it; also what it has no key for. */
export class Relay extends StreamMember {
  constructor(deps: EngineDeps, options: RelayOptions = {}) {
    super(deps, 'relay', options.slots ?? 8)
  }

  protected override onFrame(): void {}
}
