import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseStreamId, type StreamId } from '../shared/protocol/ids.ts'
import { type IceServer, ROOM_PROTOCOL } from '../shared/protocol/room-message.ts'
import { WireError } from '../shared/protocol/wire-error.ts'
import type { AnnouncedStream, AnnouncedStreams, Offer } from './announced-streams.ts'
import { mostWatched } from './directory-list.ts'
import { type NetworkAddress, parseNetworkAddress } from './network-address.ts'
import { originOf, type RequestOrigin } from './public-address.ts'

export type ApiDeps = {
  readonly streams: AnnouncedStreams
  /** Members of the stream's room. */
  readonly peersOf: (streamId: StreamId) => number
  readonly announce: (record: Uint8Array) => Promise<Offer>
  readonly mayAsk: (address: NetworkAddress) => boolean
  readonly mayOpenStream: (address: NetworkAddress) => boolean
  readonly trackers: (origin: RequestOrigin) => readonly string[]
  /** Without credentials. */
  readonly iceServers: (origin: RequestOrigin) => readonly IceServer[]
}

/** Checked for form only, and then forgotten: SS58 text, or a public key in hexadecimal. */
const ACCOUNT = /^(?:[1-9A-HJ-NP-Za-km-z]{46,50}|0x[0-9a-f]{64}|0x[0-9a-f]{66})$/i
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

class ApiError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The JSON API for sites and bots (docs/spec/tracker.md, T-API). All but the first are read-only. */
export function registerApi(app: FastifyInstance, deps: ApiDeps): void {
  app.setErrorHandler((error: unknown, _request, reply): FastifyReply => {
    if (!(error instanceof ApiError)) throw error
    return reply.code(error.status).send({ code: error.code, message: error.message })
  })
  app.addHook('onRequest', async request => {
    if (!deps.mayAsk(addressOf(request))) {
      throw new ApiError(429, 'rate-limited', 'Too many requests from your address. Wait a few seconds.')
    }
  })
  app.post('/api/stream/create', async (request, reply) => {
    const streamId = await create(request, deps)
    return reply.code(201).send({ streamId, isListed: false, ...signaling(request, deps) })
  })
  app.get('/api/streams', () => ({
    streams: mostWatched(deps.streams.listed()).map(stream => summary(stream, deps)),
  }))
  app.get<{ Params: { id: string } }>('/api/stream/:id', request =>
    summary(find(request.params.id, deps), deps),
  )
  app.post<{ Params: { id: string } }>('/api/stream/:id/join', request => {
    checkAccount(request.body)
    return terms(find(request.params.id, deps), request, deps)
  })
  app.get<{ Params: { id: string } }>('/api/stream/:id/signaling', request => {
    find(request.params.id, deps)
    return signaling(request, deps)
  })
}

async function create(request: FastifyRequest, deps: ApiDeps): Promise<StreamId> {
  const text = fieldOf(request.body, 'record')
  if (typeof text !== 'string' || !BASE64.test(text)) {
    throw new ApiError(400, 'bad-request', 'Send {"record": "…"}: a signed announcement in base64.')
  }
  if (!deps.mayOpenStream(addressOf(request))) {
    throw new ApiError(429, 'rate-limited', 'Too many new streams from your address. Try again in a minute.')
  }
  const offer = await deps.announce(Buffer.from(text, 'base64'))
  switch (offer.kind) {
    case 'accepted':
    case 'known':
      return offer.stream.streamId
    case 'stale':
      throw new ApiError(409, 'stale-announcement', 'A newer announcement of this stream is known.')
    case 'full':
      throw new ApiError(503, 'rate-limited', 'This tracker carries as many streams as it can.')
    case 'bad':
      throw new ApiError(400, 'bad-announcement', `The announcement does not hold: ${offer.detail}.`)
  }
}

function find(text: string, { streams }: ApiDeps): AnnouncedStream {
  let streamId: StreamId
  try {
    streamId = parseStreamId(text)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new ApiError(400, 'bad-stream-id', 'That is not a stream id: it may have been cut off when copied.')
  }
  const stream = streams.get(streamId)
  if (stream === undefined) {
    throw new ApiError(
      404,
      'no-such-stream',
      'This stream is not live: it has ended, or the address is wrong.',
    )
  }
  return stream
}

function summary({ streamId, verified, record }: AnnouncedStream, deps: ApiDeps) {
  const { announcement } = verified
  const { manifest } = verified.manifest
  return {
    streamId,
    title: manifest.title,
    description: manifest.description,
    category: manifest.category,
    status: announcement.status,
    viewers: announcement.viewers,
    peers: deps.peersOf(streamId),
    announcedAt: announcement.at,
    tracks: manifest.tracks.map(({ description: _, ...track }) => track),
    creator: {
      scheme: manifest.certificate.creator.scheme,
      publicKey: hex(manifest.certificate.creator.publicKey),
    },
    ...price(verified.manifest.manifest),
    /** For whoever would rather verify than believe. */
    record: Buffer.from(record).toString('base64'),
  }
}

/** Amounts are decimal text: JSON numbers end at 2^53. */
function price({ certificate, ...manifest }: AnnouncedStream['verified']['manifest']['manifest']) {
  return {
    pricePerSecond: manifest.pricePerSecond.toString(),
    priceFromEpoch: manifest.priceFromEpoch,
    maxPrice: certificate.maxPrice.toString(),
    asset: certificate.asset,
    previewSeconds: manifest.previewSeconds,
    creditSeconds: manifest.creditSeconds,
    epochMs: manifest.epochMs,
    ...(certificate.payout !== undefined && { payout: hex(certificate.payout) }),
    ...(certificate.chain !== undefined && { chain: hex(certificate.chain) }),
  }
}

function terms({ streamId, verified }: AnnouncedStream, request: FastifyRequest, deps: ApiDeps) {
  const { manifest } = verified.manifest
  const here = signaling(request, deps)
  return {
    streamId,
    ...price(manifest),
    trackers: [...new Set([...here.trackers, ...manifest.trackers])],
    protocol: here.protocol,
    iceServers: deps.iceServers(originOf(request)),
  }
}

function signaling(request: FastifyRequest, { trackers }: ApiDeps) {
  return { trackers: trackers(originOf(request)), protocol: ROOM_PROTOCOL }
}

function checkAccount(body: unknown): void {
  const account = fieldOf(body, 'account')
  if (account === undefined) return
  if (typeof account !== 'string' || !ACCOUNT.test(account)) {
    throw new ApiError(400, 'bad-account', 'That is not an account: send SS58 text or 0x and a public key.')
  }
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
}

function addressOf(request: FastifyRequest): NetworkAddress {
  const address = parseNetworkAddress(request.ip)
  return address ?? { address: '', bytes: [], site: '', network: '', isLoopback: false }
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
