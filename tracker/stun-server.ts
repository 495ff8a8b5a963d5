import { createSocket } from 'node:dgram'
import { fullBucket, type TokenBucket, takeToken } from '../shared/overlay/room-token-bucket.ts'
import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'
import { parseNetworkAddress } from './network-address.ts'
import { answerBinding } from './stun-message.ts'

/**
 * Answers of one address: a page that opens 12 connections asks about 12 times per address of its own. An answer is
 * 1.6 times its request, so a forged sender gains little, and less with a limit.
 */
const ANSWERS = { burst: 2_000, perSecond: 400 }
/** Forgotten all at once when full: it only makes the limit milder for a moment. */
const SITES_MAX = 20_000

export interface StunServer {
  readonly port: number
  close(): Promise<void>
}

/** Binds UDP `host:port` (0: any free). Rejects when the port is taken. */
export async function startStunServer(
  options: { readonly host: string; readonly port: number },
  deps: { readonly clock: Clock; readonly logger: Logger; readonly onAnswer?: () => void },
): Promise<StunServer> {
  const socket = createSocket(options.host.includes(':') ? 'udp6' : 'udp4')
  const buckets = new Map<string, TokenBucket>()
  socket.on('message', (request, sender) => {
    const from = parseNetworkAddress(sender.address)
    if (from === undefined) return
    const nowMs = deps.clock.nowMs()
    if (buckets.size >= SITES_MAX) buckets.clear()
    const bucket = buckets.get(from.site) ?? fullBucket(ANSWERS, nowMs)
    buckets.set(from.site, bucket)
    if (!takeToken(bucket, ANSWERS, nowMs)) return
    const answer = answerBinding(request, from.bytes, sender.port)
    if (answer === undefined) return
    socket.send(answer, sender.port, sender.address, () => {})
    deps.onAnswer?.()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(options.port, options.host, () => {
      socket.off('error', reject)
      socket.on('error', error => deps.logger.warn('the STUN socket failed', { error: error.message }))
      resolve()
    })
  })
  return {
    port: socket.address().port,
    close: () => new Promise(resolve => socket.close(() => resolve())),
  }
}
