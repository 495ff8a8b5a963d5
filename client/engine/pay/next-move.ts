import type { ChainPort } from '../chain/chain-port.ts'

/** Resolves when the chain next moves: a best or final block, or another state of the connection. */
export function nextMove(
  chain: Pick<ChainPort, 'on'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      for (const unsubscribe of subscriptions) unsubscribe()
      signal?.removeEventListener('abort', abort)
    }
    const move = (): void => {
      done()
      resolve()
    }
    const abort = (): void => {
      done()
      reject(signal?.reason)
    }
    const subscriptions = [chain.on('best', move), chain.on('finalised', move), chain.on('state', move)]
    signal?.addEventListener('abort', abort, { once: true })
  })
}
