import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveTrackers, watchUrl } from './tracker-address.ts'

const MULTIADDR = '/dns4/a.example/tcp/443/wss'
let server: Server
let site = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    const isConfig = request.url === '/tv/config.json'
    response.writeHead(isConfig ? 200 : 404)
    response.end(isConfig ? JSON.stringify({ trackers: [MULTIADDR, 7, 'http://no'], iceServers: [] }) : '{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => new Promise(resolve => server.close(resolve)))

it('H-CLI-2 an http address is asked for its config.json; multiaddrs are taken as they are', async () => {
  const given = [`${site}tv/index.html?a#/watch/b`, '/ip4/1.2.3.4/tcp/1/ws']
  const resolved = await resolveTrackers(given)
  expect(resolved).toEqual({ multiaddrs: [MULTIADDR, '/ip4/1.2.3.4/tcp/1/ws'], siteUrl: `${site}tv/` })
  expect(watchUrl(resolved.siteUrl ?? '', 'id')).toBe(`${site}tv/#/watch/id`)
})

it('H-CLI-3 one that does not answer, is no tracker or no address is named, with what to do', async () => {
  const failing = [
    [`${site}other/`, 'does not answer'],
    ['ftp://a.example', 'neither http nor https'],
    ['http://[', 'is no address'],
  ] as const
  for (const [address, why] of failing) {
    await expect(resolveTrackers([address])).rejects.toMatchObject({
      code: 'tracker-unreachable',
      message: expect.stringMatching(new RegExp(`${why}.*--tracker`)),
    })
  }
})
