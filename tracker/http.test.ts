import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { verifyAnnouncement } from '../shared/protocol/announcement.ts'
import { nodeCrypto } from './node-crypto.ts'
import { multiaddrFor } from './public-address.ts'
import { closeAll, live, onClose, track } from './testing/live-tracker.ts'
import { RoomClient } from './testing/room-client.ts'
import { selfSigned } from './testing/self-signed.ts'
import { TestStream } from './testing/test-stream.ts'
import type { Tracker } from './tracker.ts'

afterEach(closeAll)

async function ask(tracker: Tracker, path: string, init?: RequestInit) {
  const response = await fetch(`${tracker.httpUrl}${path}`, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
}

function post(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

describe('HTTP API', () => {
  it('T-API-1 lists what is live, each with the record that proves it', async () => {
    const { tracker, stream } = await live()
    const { streams } = (await ask(tracker, '/api/streams')).json()
    expect(streams).toMatchObject([
      { streamId: stream.streamId, title: 'Kitchen', status: 'live', peers: 1, pricePerSecond: '0' },
    ])
    const record = Buffer.from(streams[0].record, 'base64')
    const verified = await verifyAnnouncement(record, undefined, nodeCrypto, Date.now())
    expect(verified.manifest.manifest.title).toBe('Kitchen')
    const one = (await ask(tracker, `/api/stream/${stream.streamId}`)).json()
    expect(one).toEqual(streams[0])
  })

  it('T-API-2 tells the terms and where to signal, for a form-checked account that goes nowhere', async () => {
    const { tracker, stream } = await live({ turn: { urls: ['turn:turn.example:3478'], secret: 'x' } })
    const account = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
    const terms = await ask(tracker, `/api/stream/${stream.streamId}/join`, post({ account }))
    expect(terms.status).toBe(200)
    expect(terms.json()).toMatchObject({
      streamId: stream.streamId,
      pricePerSecond: '0',
      asset: 'native',
      protocol: '/vilokanam/room/1.0.0',
      trackers: expect.arrayContaining([...tracker.multiaddrs]),
      iceServers: [{ urls: [`stun:127.0.0.1:${tracker.stunPort}`] }],
    })
    expect(terms.text).not.toContain(account)
    const bad = await ask(tracker, `/api/stream/${stream.streamId}/join`, post({ account: '<script>' }))
    expect(bad).toMatchObject({ status: 400 })
    expect(bad.json().code).toBe('bad-account')
    expect((await ask(tracker, `/api/stream/${stream.streamId}/join`, { method: 'POST' })).status).toBe(200)
    expect((await ask(tracker, `/api/stream/${stream.streamId}/signaling`)).json()).toEqual({
      trackers: tracker.multiaddrs,
      protocol: '/vilokanam/room/1.0.0',
    })
  })

  it('T-API-3 takes a signed announcement, and lists it only once its creator has joined', async () => {
    const tracker = await track()
    const stream = await TestStream.make()
    const record = Buffer.from((await stream.announce()).bytes).toString('base64')
    const created = await ask(tracker, '/api/stream/create', post({ record }))
    expect(created.status).toBe(201)
    expect(created.json()).toMatchObject({ streamId: stream.streamId, isListed: false })
    expect((await ask(tracker, '/api/streams')).json()).toEqual({ streams: [] })
    expect((await ask(tracker, `/api/stream/${stream.streamId}`)).status).toBe(200)
    const creator = await RoomClient.start(tracker.multiaddrs[0] ?? '')
    onClose(() => creator.close())
    const room = await creator.open()
    room.send(await stream.creatorJoin(creator))
    await room.next('joined')
    expect((await ask(tracker, '/api/streams')).json().streams).toHaveLength(1)
    const stale = await ask(tracker, '/api/stream/create', post({ record }))
    expect(stale).toMatchObject({ status: 409 })
  })

  it('T-API-4 answers every fault with a code and a sentence', async () => {
    const { tracker, stream } = await live()
    const forged = Buffer.from((await stream.announce()).bytes)
    forged[forged.length - 70] = (forged[forged.length - 70] ?? 0) ^ 1
    const absent = await TestStream.make()
    const faults = [
      ['/api/stream/short', undefined, 400, 'bad-stream-id'],
      [`/api/stream/${absent.streamId}`, undefined, 404, 'no-such-stream'],
      [`/api/stream/${absent.streamId}/join`, post({}), 404, 'no-such-stream'],
      ['/api/stream/create', post({}), 400, 'bad-request'],
      ['/api/stream/create', post({ record: '***' }), 400, 'bad-request'],
      ['/api/stream/create', post({ record: forged.toString('base64') }), 400, 'bad-announcement'],
      ['/api/stream/create', post({ record: 'A'.repeat(30_000) }), 413, 'too-large'],
      ['/api/stream/create', { ...post({}), body: '{' }, 400, 'bad-request'],
      ['/api/nothing', undefined, 404, 'not-found'],
    ] as const
    for (const [path, init, status, code] of faults) {
      const answer = await ask(tracker, path, init)
      expect([path, answer.status, answer.json().code]).toEqual([path, status, code])
      expect(answer.json().message).toMatch(/^[A-Z].*\.$/)
    }
  })

  it('T-API-5 may be asked from any page, and not without end', async () => {
    const tracker = await track({ isDev: false })
    const listed = await ask(tracker, '/api/streams', { headers: { origin: 'https://elsewhere.example' } })
    expect(listed.headers.get('access-control-allow-origin')).toBe('*')
    const answers = await Promise.all(Array.from({ length: 400 }, () => ask(tracker, '/api/streams')))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.json().code).toBe('rate-limited')
    expect((await ask(tracker, '/healthz')).status).toBe(200)
  })
})

describe('HTTP site', () => {
  it('T-HTTP-1 tells pages the tracker under the name they came by, or what --announce says', async () => {
    const tracker = await track()
    const { port } = new URL(tracker.httpUrl)
    const response = await fetch(`http://localhost:${port}/config.json`)
    expect(await response.json()).toEqual({
      trackers: [`/dns4/localhost/tcp/${port}/ws/p2p/${tracker.peerId}`],
      iceServers: [{ urls: [`stun:localhost:${tracker.stunPort}`] }],
      dev: true,
    })
    const announced = await track({ announce: ['/dns4/t.example/tcp/443/tls/ws'], isDev: false })
    expect((await ask(announced, '/config.json')).json()).toMatchObject({
      trackers: [`/dns4/t.example/tcp/443/tls/ws/p2p/${announced.peerId}`],
      dev: false,
    })
  })

  it('T-HTTP-8 tells pages which chain nodes to start with, where --chain names some', async () => {
    const endpoints = ['wss://chain.example', 'ws://127.0.0.1:9944']
    const tracker = await track({ chainEndpoints: endpoints })
    expect((await ask(tracker, '/config.json')).json().chain).toEqual({ endpoints })
    expect((await ask(await track(), '/config.json')).json()).not.toHaveProperty('chain')
  })

  it('T-HTTP-2 makes an address of a Host header only if it is one', () => {
    const of = (host: string, isSecure = false) => multiaddrFor({ host, isSecure }, 'ID')
    expect(of('t.example')).toBe('/dns4/t.example/tcp/80/ws/p2p/ID')
    expect(of('t.example', true)).toBe('/dns4/t.example/tcp/443/tls/ws/p2p/ID')
    expect(of('192.0.2.7:8080')).toBe('/ip4/192.0.2.7/tcp/8080/ws/p2p/ID')
    expect(of('[2001:db8::1]:8443', true)).toBe('/ip6/2001:db8::1/tcp/8443/tls/ws/p2p/ID')
    for (const host of [
      '',
      'a/b',
      'a b',
      't.example:0',
      't.example:99999',
      '[::zz]',
      '-a',
      'a/p2p/x',
      `${'a'.repeat(300)}`,
    ]) {
      expect([host, of(host)]).toEqual([host, undefined])
    }
  })

  it('T-HTTP-3 serves the built site, its assets for ever, and nothing outside it', async () => {
    const siteDir = await mkdtemp(join(tmpdir(), 'site-'))
    onClose(() => rm(siteDir, { recursive: true }))
    await mkdir(join(siteDir, 'assets'))
    await writeFile(join(siteDir, 'index.html'), '<!doctype html><title>Vilokanam</title>')
    await writeFile(join(siteDir, 'assets', 'main-1a2b.js'), 'export {}')
    const tracker = await track({ siteDir })
    const page = await ask(tracker, '/')
    expect(page.text).toContain('Vilokanam')
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const script = await ask(tracker, '/assets/main-1a2b.js')
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect(script.headers.get('content-type')).toContain('javascript')
    for (const path of ['/../package.json', '/..%2f..%2fetc/passwd', '/assets/%2e%2e/%2e%2e/x']) {
      expect((await ask(tracker, path)).status).toBeGreaterThanOrEqual(400)
    }
  })

  it('T-HTTP-3 says so when the site is not built', async () => {
    const tracker = await track()
    expect(await ask(tracker, '/')).toMatchObject({
      status: 503,
      text: expect.stringContaining('npm run build'),
    })
  })

  it('T-HTTP-4 holds the page to itself: CSP, nosniff, no referrer, on every answer', async () => {
    const tracker = await track()
    for (const path of ['/', '/config.json', '/api/streams', '/nothing']) {
      const { headers } = await ask(tracker, path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';")
      expect(policy).toContain("connect-src 'self' ws: wss: https: http://127.0.0.1:* http://localhost:*")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/script-src[^;]*'unsafe/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('T-HTTP-5 shows counts and times, and neither address nor peer', async () => {
    const { tracker, stream } = await live()
    const { text } = await ask(tracker, '/metrics')
    expect(text).toContain('vilokanam_peers 1\n')
    expect(text).toContain('vilokanam_rooms 1\n')
    expect(text).toContain('vilokanam_joins_total{role="creator"} 1\n')
    expect(text).toMatch(/vilokanam_event_loop_lag_p99_seconds [\d.e+-]+\n/)
    expect(text).not.toContain('127.0.0.1')
    expect(text).not.toContain(stream.streamId)
  })

  it('T-HTTP-6 speaks https and wss on the same port with a certificate', async () => {
    const tracker = await track({ tls: selfSigned() })
    expect(tracker.httpUrl).toMatch(/^https:/)
    expect(tracker.multiaddrs[0]).toContain('/tls/ws/p2p/')
    const config = await new Promise<string>((resolve, reject) => {
      const request = get(`${tracker.httpUrl}/config.json`, { rejectUnauthorized: false }, response => {
        response.setEncoding('utf8').on('data', resolve)
      })
      request.on('error', reject)
    })
    expect(JSON.parse(config).trackers).toEqual(tracker.multiaddrs)
    const stream = await TestStream.make()
    const creator = await RoomClient.start(tracker.multiaddrs[0] ?? '')
    onClose(() => creator.close())
    const room = await creator.open()
    room.send(await stream.creatorJoin(creator))
    await room.next('joined')
  })

  it('T-HTTP-7 believes a proxy’s headers only when told to', async () => {
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 't.example',
      'x-forwarded-for': '192.0.2.1',
    }
    const trusting = await track({ isTrustingProxy: true })
    expect((await ask(trusting, '/config.json', { headers })).json().trackers).toEqual([
      `/dns4/t.example/tcp/443/tls/ws/p2p/${trusting.peerId}`,
    ])
    const plain = await track()
    expect((await ask(plain, '/config.json', { headers })).json().trackers).toEqual(plain.multiaddrs)
  })
})
