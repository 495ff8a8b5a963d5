import { createServer, request } from 'node:http'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { DEV_ACCOUNTS } from './accounts.ts'
import { startDevchain } from './devchain.ts'
import type { Devchain } from './devchain-port.ts'
import { connect, devKey, freeOf, post } from './testing/chain-client.ts'

const ROC = 10n ** 12n
const PAGE = 'http://localhost:8080'

let devchain: Devchain
beforeAll(async () => {
  devchain = await startDevchain({ port: 0, blockMs: 0, hasSwitches: true })
})
afterAll(() => devchain?.close())

it('DC-PORT-1 a taken port is a sentence with what to do, not another port', async () => {
  const other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await expect(startDevchain({ port })).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringMatching(
      new RegExp(`^Port ${port} is in use by another program.*choose another port`),
    ),
  })
  await new Promise(resolve => other.close(resolve))
  await expect(startDevchain({ port: 70_000 })).rejects.toMatchObject({ code: 'bad-option' })
})

it('DC-PORT-2 listens on this machine only', async () => {
  const { port } = new URL(devchain.httpUrl)
  const others = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
  for (const { address } of others) {
    const socket = connectTcp({ host: address, port: Number(port) })
    const code = await new Promise(resolve => {
      socket.once('error', error => resolve('code' in error ? error.code : error.message))
      socket.once('connect', () => resolve('connected'))
    })
    socket.destroy()
    expect(code).toBe('ECONNREFUSED')
  }
  expect(devchain.wsUrl).toBe(`ws://127.0.0.1:${port}`)
})

it('DC-PORT-3 refuses pages of elsewhere, and a name of elsewhere that was made to point here', async () => {
  const { port } = new URL(devchain.httpUrl)
  const status = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method: 'POST', headers }, response => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.once('error', reject)
      sent.end('{"jsonrpc":"2.0","id":1,"method":"system_chain"}')
    })
  expect(await status({ origin: PAGE })).toBe(200)
  expect(await status({ origin: 'https://elsewhere.example' })).toBe(403)
  expect(await status({ origin: 'null' })).toBe(403)
  expect(await status({ host: `elsewhere.example:${port}` })).toBe(403)
  const socket = new WebSocket(devchain.wsUrl, { origin: 'https://elsewhere.example' })
  const refused = await new Promise<Error>(resolve => socket.once('error', resolve))
  expect(refused.message).toContain('403')
})

it('DC-HTTP-1 a page may send an extrinsic by fetch: the preflight says so, and it lands', async () => {
  const preflight = await fetch(devchain.httpUrl, {
    method: 'OPTIONS',
    headers: {
      origin: PAGE,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe(PAGE)
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type')
  const api = await connect(devchain.wsUrl)
  const target = devKey('//HttpTarget').address
  const tx = await api.tx.balances.transferKeepAlive(target, ROC).signAsync(devKey('//Alice'))
  const answer = await fetch(devchain.httpUrl, {
    method: 'POST',
    keepalive: true,
    headers: { origin: PAGE, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'x', method: 'author_submitExtrinsic', params: [tx.toHex()] }),
  })
  expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE)
  expect(await answer.json()).toEqual({ jsonrpc: '2.0', id: 'x', result: tx.hash.toHex() })
  await devchain.newBlock()
  expect(await freeOf(api, target)).toBe(ROC)
  await api.disconnect()
})

it('DC-HTTP-2 what is no request, too long, or too many at once is refused, and nobody else notices', async () => {
  const raw = (body: string) => fetch(devchain.httpUrl, { method: 'POST', body })
  expect(await (await raw('{')).json()).toMatchObject({ error: { code: -32700 } })
  expect(await (await raw('7')).json()).toMatchObject({ error: { code: -32600 } })
  expect(await (await raw('[]')).json()).toMatchObject({ error: { code: -32600 } })
  const one = { jsonrpc: '2.0', id: 1, method: 'system_chain' }
  expect(await (await raw(JSON.stringify(Array(65).fill(one)))).json()).toMatchObject({
    error: { code: -32600 },
  })
  expect(await (await raw(JSON.stringify([one, one]))).json()).toHaveLength(2)
  expect(await post(devchain.httpUrl, 'dev_setStorage', [[]])).toMatchObject({ error: { code: -32601 } })
  expect(await post(devchain.httpUrl, 'constructor')).toMatchObject({ error: { code: -32601 } })
  expect(await post(devchain.httpUrl, 'chain_subscribeNewHeads')).toMatchObject({ error: { code: -32600 } })
  expect((await raw(`"${'x'.repeat(300_000)}"`)).status).toBe(413)
  const socket = new WebSocket(devchain.wsUrl)
  await new Promise(resolve => socket.once('open', resolve))
  socket.send('x'.repeat(300_000))
  expect(await new Promise(resolve => socket.once('close', resolve))).toBe(1009)
  expect(await post(devchain.httpUrl, 'system_chain')).toMatchObject({ result: 'asset-hub-rococo' })
})

it('DC-RATE-1 more than four submissions a second are refused with an error, and later ones are taken', async () => {
  const api = await connect(devchain.wsUrl)
  const bob = devKey('//Bob')
  const signed = await Promise.all(
    Array.from({ length: 12 }, (_, nonce) => api.tx.system.remark('0x00').signAsync(bob, { nonce })),
  )
  const submit = async (index: number) =>
    (await post(devchain.httpUrl, 'author_submitExtrinsic', [signed[index]?.toHex()])).error?.code
  const codes = await Promise.all(signed.map((_, index) => submit(index)))
  expect(codes.filter(code => code === 1016).length).toBeGreaterThanOrEqual(4)
  expect(codes.filter(code => code === undefined).length).toBeGreaterThanOrEqual(1)
  const left = codes.lastIndexOf(1016)
  await expect.poll(() => submit(left), { timeout: 10_000, interval: 300 }).toBeUndefined()
  await api.disconnect()
})

it('DC-SWITCH-1 refuses the next submissions with the code asked for, then takes them', async () => {
  for (const code of [1010, 1012, 1013, 1014]) {
    devchain.refuseNext(1, code)
    expect(await post(devchain.httpUrl, 'author_submitExtrinsic', ['0x00'])).toMatchObject({
      error: { code },
    })
  }
  await expect
    .poll(() => post(devchain.httpUrl, 'author_submitExtrinsic', ['0x00']), {
      timeout: 10_000,
      interval: 300,
    })
    .toMatchObject({ error: { code: 1001 } })
})

it('DC-SWITCH-2 a dropped RPC ends connections and answers none, the chain goes on; restored, clients are back', async () => {
  const api = await connect(devchain.wsUrl)
  const gone = new Promise<void>(resolve => api.once('disconnected', resolve))
  devchain.dropRpc()
  await gone
  await expect(post(devchain.httpUrl, 'system_chain')).rejects.toThrow('fetch failed')
  const back = new Promise<void>(resolve => api.once('connected', resolve))
  const block = await devchain.newBlock()
  devchain.restoreRpc()
  await back
  await expect.poll(async () => (await api.rpc.chain.getHeader()).hash.toHex()).toBe(block.hash)
  await api.disconnect()
})

it('DC-SWITCH-3 pages under test reach the switches over RPC, and only where they were asked for', async () => {
  const call = (method: string, params: readonly unknown[] = []) => post(devchain.httpUrl, method, params)
  const { result } = await call('devchain_newBlock')
  expect(result).toEqual(devchain.best)
  expect(await call('devchain_reorg', [1])).toMatchObject({ result: { retracted: [result] } })
  expect(await call('devchain_reorg', [99])).toMatchObject({ error: { code: -32602 } })
  expect(await call('devchain_spikeFees', ['x'])).toMatchObject({ error: { code: -32602 } })
  expect(await call('devchain_refuseNext', [0, 1010])).toEqual({ jsonrpc: '2.0', id: 1, result: null })
  expect(await call('devchain_dropRpc', [300])).toMatchObject({ result: null })
  await expect
    .poll(() => call('system_chain').catch(() => 'down'), { timeout: 10_000 })
    .toMatchObject({ result: 'asset-hub-rococo' })
  const plain = await startDevchain({ port: 0, blockMs: 0 })
  expect(await post(plain.httpUrl, 'devchain_newBlock')).toMatchObject({ error: { code: -32601 } })
  expect(await post(plain.httpUrl, 'devchain_info')).toMatchObject({
    result: { blockMs: 0, finalityLag: 3, hasSwitches: false, block1: plain.block1 },
  })
  await plain.close()
  await expect(plain.newBlock()).rejects.toMatchObject({ code: 'closed' })
})

it('DC-FAUCET-1 gives play money within bounds', async () => {
  const faucet = (...params: unknown[]) => post(devchain.httpUrl, 'devchain_faucet', params)
  const account = devKey('//Thirsty')
  expect(await faucet(account.address, ROC.toString())).toMatchObject({ result: { planck: ROC.toString() } })
  const api = await connect(devchain.wsUrl)
  expect(await freeOf(api, account.address)).toBe(ROC)
  await api.disconnect()
  for (const bad of [
    [account.address, '1'],
    [account.address, (10n ** 30n).toString()],
    [account.address, '-5'],
    [account.address, 0.5],
    ['nobody', ROC.toString()],
    [],
  ]) {
    expect(await faucet(...bad)).toMatchObject({ error: { code: -32602 } })
  }
})

it('DC-SWITCH-4 started again as a new chain: same address and genesis, another block 1, nothing of before', async () => {
  const before = {
    ws: devchain.wsUrl,
    genesis: devchain.genesis,
    block1: devchain.block1,
    head: devchain.best.hash,
  }
  const api = await connect(devchain.wsUrl)
  const gone = new Promise<void>(resolve => api.once('disconnected', resolve))
  await devchain.restartAsNewChain()
  await gone
  await api.disconnect()
  expect(devchain.wsUrl).toBe(before.ws)
  expect(devchain.genesis).toBe(before.genesis)
  expect(devchain.block1).not.toBe(before.block1)
  expect(devchain.best.number).toBe(1)
  expect(await post(devchain.httpUrl, 'chain_getHeader', [before.head])).toMatchObject({ result: null })
  const again = await connect(devchain.wsUrl)
  expect(await freeOf(again, devKey('//HttpTarget').address)).toBe(0n)
  expect(await freeOf(again, DEV_ACCOUNTS.alice)).toBeGreaterThan(0n)
  await again.disconnect()
})
