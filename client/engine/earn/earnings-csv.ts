import { amountText } from '../chain/planck-text.ts'
import type { PaymentRow } from './earnings-contract.ts'

export type CsvUnits = { readonly symbol: string; readonly decimals: number }

/**
 * RFC 4180: a header, CRLF, quotes where needed. In chain order, one line a payment. Numbers are written plainly, and
 * no field begins like a formula, so that a spreadsheet shows what is there and runs nothing.
 */
export function earningsCsv(rows: readonly PaymentRow[], { symbol, decimals }: CsvUnits): string {
  const header = [
    'time (UTC)',
    'time is',
    'block',
    'block hash',
    'event index',
    'viewer',
    'session',
    'paid from',
    'ticks',
    `amount (${symbol})`,
    'amount (planck)',
    'status',
  ]
  const lines = rows.map(row => [
    new Date(row.atMs).toISOString(),
    row.isAtReckoned ? 'reckoned' : 'seen',
    String(row.block.number),
    row.block.hash,
    String(row.index),
    row.viewer,
    row.session ?? '',
    row.from,
    ticksText(row),
    amountText(row.planck, decimals),
    String(row.planck),
    row.isFinal ? 'final' : 'not yet final',
  ])
  return [header, ...lines].map(fields => `${fields.map(csvField).join(',')}\r\n`).join('')
}

/** Spreadsheets take a cell that begins so for a formula, quoted or not: an apostrophe before it makes it text. */
export function csvField(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Whole ticks, or with three digits where a payment is not a multiple of its price; empty without a price. */
function ticksText({ planck, price }: PaymentRow): string {
  if (price <= 0n) return ''
  return amountText((planck * 1_000n) / price, 3)
}
