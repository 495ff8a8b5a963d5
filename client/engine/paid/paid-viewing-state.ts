import type { PayTerms } from '../../../shared/pay/payer-contract.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import type { Manifest } from '../../../shared/protocol/manifest.ts'
import type { AccessState } from '../events.ts'
import type { PaySessionState } from '../pay/pay-session-contract.ts'
import type { PaidOffer, PaidViewingState } from './paid-viewing-contract.ts'

/** What goes on before there is a session. */
export type Step =
  | { readonly kind: 'none' }
  | { readonly kind: 'resuming' }
  | Extract<PaidViewingState, { kind: 'funding' }>
  | Extract<PaidViewingState, { kind: 'failed' }>
  | Extract<PaidViewingState, { kind: 'closed' }>

export function offerOf(manifest: Manifest, terms: PayTerms | undefined): PaidOffer {
  const { certificate, pricePerSecond, previewSeconds, creditSeconds } = manifest
  return {
    price: terms?.price ?? pricePerSecond,
    nextPrice: terms?.next?.price,
    previewSeconds,
    creditSeconds,
    payout: hexText(certificate.payout ?? new Uint8Array(32)),
    genesis: hexText(certificate.chain ?? new Uint8Array(32)),
    highestPrice: certificate.maxPrice,
  }
}

/** One state of two: money that stands in the way comes before keys that do. */
export function sessionState(session: PaySessionState, access: AccessState): PaidViewingState {
  switch (session.kind) {
    case 'active':
      return accessState(access, session.sentence)
    case 'stopped':
      if (session.code === 'price-raised' && access.kind === 'price-raised')
        return { kind: 'price-raised', price: access.price, sentence: session.sentence }
      return session
    case 'chain-down':
      return { kind: 'chain-down', sentence: session.sentence }
    case 'funding':
    case 'out-of-budget':
    case 'in-another-tab':
    case 'closing':
    case 'closed':
      return session
  }
}

function accessState(access: AccessState, paying: string): PaidViewingState {
  switch (access.kind) {
    case 'unknown':
    case 'free':
    case 'locked':
      return { kind: 'asking', sentence: 'Asking the creator for the key of the picture.' }
    case 'asking':
      return { kind: 'asking', sentence: access.sentence }
    case 'preview':
      return { kind: 'preview', sentence: 'A free preview: nothing is counted yet.' }
    case 'open':
      return { kind: 'paying', sentence: paying }
    case 'prepay':
    case 'refused':
      return { kind: 'held', sentence: access.sentence }
    case 'price-raised':
      return { kind: 'price-raised', price: access.price, sentence: access.sentence }
  }
}
