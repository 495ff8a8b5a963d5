export { DEV_ACCOUNTS, DEV_ENDOWMENT_PLANCK } from './accounts.ts'
export { type BlockId, type Devchain, type DevchainOptions, startDevchain } from './devchain.ts'
export { DevchainError, type DevchainErrorCode } from './devchain-error.ts'
