/**
 * What to tell a user about something thrown: errors of ours carry a sentence; anything else is a defect of ours, said
 * as such with its own words for a report.
 */
export function sentenceOf(error: unknown): string {
  if (error instanceof Error && OURS.has(error.name)) return error.message
  if (error instanceof TypeError && /dynamically imported module|module script|Importing/.test(error.message))
    return 'A part of this page could not be loaded. Check your connection, then reload the page.'
  const words = error instanceof Error ? error.message : String(error)
  return `Something went wrong in this page (${words}). Reload it to try again.`
}

const OURS: ReadonlySet<string> = new Set([
  'EngineError',
  'SiteConfigError',
  'PayError',
  'WalletError',
  'ChainError',
  'LedgerError',
  'FaucetError',
  'PaidStreamError',
])
