import { existsSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import cors from '@fastify/cors'
import fastifyStatic from '@fastify/static'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { type ApiDeps, registerApi } from './http-api.ts'
import { SECURITY_HEADERS } from './http-headers.ts'
import type { TrackerMetrics } from './metrics.ts'
import { parseNetworkAddress } from './network-address.ts'
import { originOf, parseHost } from './public-address.ts'
import type { Arrival } from './socket-transport.ts'

export type HttpOptions = {
  readonly siteDir: string | undefined
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly isTrustingProxy: boolean
  readonly isDev: boolean
  /** Chain nodes for pages to start with. */
  readonly chainEndpoints: readonly string[]
  /** WebSockets. */
  readonly connectionsMax: number
}

export type HttpDeps = ApiDeps & {
  readonly metrics: TrackerMetrics
  /** A WebSocket: libp2p's. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, arrival: Arrival) => void
}

/** A signed announcement in base64 is 16 kB. */
const BODY_MAX_BYTES = 24 * 1024
/** Vite names these by their content. */
const IMMUTABLE = /\/assets\//
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Beside the WebSockets: pages being loaded, and connections that browsers keep for the next request. */
const PLAIN_CONNECTIONS_MAX = 2_000
const NOT_BUILT = 'The site is not built. Run `npm run build`, then start the tracker again.'

/** Everything the tracker says over HTTP, and the upgrades on the same port. Not listening yet. */
export async function createHttpServer(options: HttpOptions, deps: HttpDeps): Promise<FastifyInstance> {
  const settings = {
    bodyLimit: BODY_MAX_BYTES,
    trustProxy: options.isTrustingProxy ? trustNearest : false,
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
  }
  // The cast: fastify types an https server apart, and nothing here depends on which it is.
  const app: FastifyInstance =
    options.tls === undefined
      ? fastify(settings)
      : (fastify({ ...settings, https: options.tls }) as unknown as FastifyInstance)
  app.server.headersTimeout = HEADERS_TIMEOUT_MS
  app.server.maxConnections = options.connectionsMax + PLAIN_CONNECTIONS_MAX
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until the WebSocket takes over, a reset would otherwise end the process.
    socket.on('error', () => socket.destroy())
    const arrival = arrivalOf(request, options.isTrustingProxy)
    if (arrival === undefined) socket.destroy()
    else deps.onUpgrade(request, socket, head, arrival)
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS)
  })
  app.addHook('onResponse', async (_request, reply) => {
    deps.metrics.httpRequests.inc({ status: `${Math.floor(reply.statusCode / 100)}xx` })
  })
  app.setErrorHandler((error: unknown, _request, reply) => sendError(error, reply))
  await app.register(cors, { origin: '*', methods: ['GET', 'POST'] })
  app.get('/healthz', () => ({ ok: true }))
  app.get('/metrics', async (_request, reply) => {
    reply.type(deps.metrics.registry.contentType)
    return deps.metrics.registry.metrics()
  })
  app.get('/config.json', (request, reply) => {
    reply.header('cache-control', 'no-cache')
    const origin = originOf(request)
    return {
      trackers: deps.trackers(origin),
      iceServers: deps.iceServers(origin),
      dev: options.isDev,
      ...(options.chainEndpoints.length > 0 && { chain: { endpoints: options.chainEndpoints } }),
    }
  })
  await app.register(async api => registerApi(api, deps))
  await registerSite(app, options.siteDir)
  return app
}

/** The proxy that speaks to us, and nobody before it. */
function trustNearest(_address: string, hop: number): boolean {
  return hop === 0
}

async function registerSite(app: FastifyInstance, siteDir: string | undefined): Promise<void> {
  const isBuilt = siteDir !== undefined && existsSync(join(siteDir, 'index.html'))
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: siteDir,
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header(
          'cache-control',
          IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        )
      },
    })
  } else {
    app.get('/', (_request, reply) => reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT))
  }
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: 'not-found', message: 'There is nothing at this address.' }),
  )
}

function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status === 413) {
    return reply
      .code(413)
      .send({ code: 'too-large', message: `A request body may have ${BODY_MAX_BYTES} bytes.` })
  }
  if (status >= 400 && status < 500) {
    return reply.code(status).send({ code: 'bad-request', message: 'The request could not be read.' })
  }
  return reply
    .code(500)
    .send({ code: 'internal', message: 'The tracker failed on this. It is not your fault.' })
}

/** Undefined for a socket that has closed already. */
function arrivalOf(request: IncomingMessage, isTrustingProxy: boolean): Arrival | undefined {
  const forwarded = isTrustingProxy ? String(request.headers['x-forwarded-for'] ?? '') : ''
  const nearest = forwarded.split(',').at(-1)?.trim() ?? ''
  const from = parseNetworkAddress(nearest) ?? parseNetworkAddress(request.socket.remoteAddress ?? '')
  const host = parseHost({ host: request.headers.host ?? '', isSecure: true })
  return from && { from, hostname: host?.name ?? '' }
}
