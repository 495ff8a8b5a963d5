/** A grant leaves this long before its epoch: two trips through a deep tree, and one repeated question. */
export const GRANT_LEAD_MS = 1_500
/** Epochs ahead of the running one that may be asked for; they are granted GRANT_LEAD_MS before they start. */
export const EPOCHS_AHEAD_MAX = 2
/** A session changes its viewer at most so often: passing it round shows nobody a film (DESIGN §9). */
export const SUPERSEDE_EVERY_MS = 60_000
/** Payments that a re-org could still undo count up to this much of the price (DESIGN §9). */
export const UNFINALISED_MAX_SECONDS = 60n
/** Who was paid up when the creator lost sight of the chain gets keys for so long (DESIGN §9). */
export const CHAIN_GRACE_MS = 60_000
/** Of what a wallet has paid, in hundredths: claimed stalls and unplayed tails are forgiven up to it. */
export const FORGIVEN_MAX_PERCENT = 5n
/** A viewer that asked for nothing for so long has left without a word. */
export const IDLE_MS = 120_000
/** A viewer that waits asks again each 2 s; one that does not has paused or gone, and is granted nothing later. */
export const ASKED_FRESH_MS = 6_000
/** Requests of sessions whose funding no block has shown yet; the viewer asks again, so a loss costs it seconds. */
export const WAITING_MAX = 1_024
/** Fundings that no request has claimed, the oldest go first. Each cost somebody a transaction. */
export const UNCLAIMED_FUNDINGS_MAX = 20_000
/** Of those, how many a snapshot keeps. */
export const UNCLAIMED_SNAPSHOT_MAX = 1_000
/** Wallets carried over to a creator's next stream. */
export const CARRIED_WALLETS_MAX = 10_000
