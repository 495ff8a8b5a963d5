import type { AccountHex } from '../../../shared/pay/evidence.ts'

/** Amounts are planck, times ms of the wall clock (for display only), ids hex without `0x`. */
export type StreamRow = {
  readonly id: string
  readonly creator: string
  readonly title: string
  readonly description: string
  readonly category: string
  readonly status: 'live' | 'ended'
  /** Names the stream key in this browser's storage; the key itself is never in a row. */
  readonly streamKeyReference: string
  readonly viewerCount: number
  readonly totalTicks: number
  readonly startedAt: number
  readonly endedAt?: number
}

export type StreamSessionRow = {
  readonly id: string
  readonly streamId: string
  readonly relayUsed?: string
  readonly trackerUsed?: string
  readonly recorded: boolean
  readonly startedAt: number
  readonly endedAt?: number
}

export type StreamViewerRow = {
  readonly streamId: string
  /** The viewer's session account. */
  readonly viewer: AccountHex
  readonly wallet?: AccountHex
  readonly joinedAt: number
  readonly lastTickAt?: number
  readonly totalTicks: number
  readonly paidAmount: bigint
}
