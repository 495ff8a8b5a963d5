/** A page that must be asked before it is left (a running broadcast). */
export interface GuardedPage {
  /** Asks the user if need be; resolves true when the page may go. */
  mayLeave(): Promise<boolean>
}
