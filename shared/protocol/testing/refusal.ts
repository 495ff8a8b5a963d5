import { WireError, type WireErrorCode } from '../wire-error.ts'

/** The code of the WireError that `decode` throws; undefined if it returns. Any other error goes through. */
export function refusalOf(decode: () => unknown): WireErrorCode | undefined {
  try {
    decode()
    return undefined
  } catch (error) {
    if (error instanceof WireError) return error.code
    throw error
  }
}

/** As above, for what answers with a promise. */
export async function refusalOfAsync(decode: () => Promise<unknown>): Promise<WireErrorCode | undefined> {
  try {
    await decode()
    return undefined
  } catch (error) {
    if (error instanceof WireError) return error.code
    throw error
  }
}
