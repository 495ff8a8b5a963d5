import { ed25519 } from '@noble/curves/ed25519.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hexText } from '../../../../shared/protocol/hex.ts'
import type {
  AccountHex,
  BlockExtrinsic,
  BlockRef,
  Call,
  ChainPort,
  ExtrinsicSigner,
  SubmitResult,
} from '../chain-port.ts'
import { multisigAccount } from '../multisig-account.ts'

/** What the suite does to the chain behind the port. */
export type ChainWorld = {
  /** A connection of its own, not yet open. */
  readonly connect: () => ChainPort
  readonly fund: (account: AccountHex, planck: bigint) => Promise<void>
  readonly newBlock: () => Promise<void>
  /** The best `depth` blocks are replaced by more, and what was in them is lost. */
  readonly reorg: (depth: number) => Promise<void>
  /** The connection breaks, and comes back on `mend`. */
  readonly cut: (port: ChainPort) => Promise<void>
  readonly mend: (port: ChainPort) => Promise<void>
  readonly close: () => Promise<void>
}

const WAIT_MS = 20_000

/** An account of the suite, by a number: ed25519, as session keys are. */
export function suiteSigner(number: number): ExtrinsicSigner {
  const seed = new Uint8Array(32).fill(number)
  return {
    account: hexText(ed25519.getPublicKey(seed)),
    scheme: 'ed25519',
    sign: payload => ed25519.sign(payload, seed),
  }
}

/** Rules C-PORT: what every implementation of ChainPort keeps. Money in hundreds of existential deposits. */
export function chainPortSuite(name: string, start: () => Promise<ChainWorld>): void {
  describe(name, () => {
    let world: ChainWorld
    let port: ChainPort
    let unit = 0n
    let people = 0
    beforeAll(async () => {
      world = await start()
      port = world.connect()
      unit = 100n * (await port.open()).existentialDeposit
    }, 60_000)
    afterAll(async () => {
      await port?.close()
      await world?.close()
    }, 60_000)

    const someone = () => suiteSigner(++people)
    const funded = async (units = 1_000n) => {
      const signer = someone()
      await world.fund(signer.account, units * unit)
      await world.newBlock()
      return signer
    }
    const free = async (account: AccountHex) => (await port.balance(account)).free

    const prepare = async (signer: ExtrinsicSigner, call: Call, nonce?: number) => {
      const birth = port.finalised()
      if (birth === undefined) throw new Error('an open port knows a final block')
      const next = nonce ?? (await port.balance(signer.account)).nonce
      return port.sign(call, signer, { nonce: next, era: { birth, period: 64 } })
    }
    const bestMove = () =>
      eventually<{ block: BlockRef; retracted: readonly BlockRef[] }>(done => port.on('best', done))
    /** In the block that `newBlock` makes. */
    const include = async (hash: string): Promise<BlockExtrinsic & { in: BlockRef }> => {
      const moved = bestMove()
      await world.newBlock()
      const { block } = await moved
      const found = (await port.block(block.hash)).extrinsics.find(extrinsic => extrinsic.hash === hash)
      if (found === undefined) throw new Error(`block ${block.number} does not have ${hash}`)
      return { ...found, in: block }
    }
    const send = async (signer: ExtrinsicSigner, call: Call) => {
      const extrinsic = await prepare(signer, call)
      expect(await port.submit(extrinsic.bytes)).toEqual({ kind: 'accepted' })
      return include(extrinsic.hash)
    }

    it('C-PORT-1 an open port knows its chain, and says so', async () => {
      const info = await port.open()
      expect(port.state).toMatchObject({ kind: 'ready', info })
      expect(info.genesis).toMatch(/^0x[0-9a-f]{64}$/)
      expect(info.identity).toBe(`${info.genesis}/${await port.blockHash(1)}`)
      expect(info).toMatchObject({ isLocal: true, hasMultisig: true, decimals: 12 })
      expect(info.blockMs).toBeGreaterThan(0)
      expect(port.best()?.number).toBeGreaterThanOrEqual(port.finalised()?.number ?? Number.NaN)
    })

    it('C-PORT-2 before open nothing is dialled and nothing is known; a closed port stays closed', async () => {
      const other = world.connect()
      expect(other.state).toEqual({ kind: 'idle' })
      expect(other.best()).toBeUndefined()
      expect(() => other.calls).toThrow(expect.objectContaining({ code: 'not-open' }))
      await expect(other.balance(someone().account)).rejects.toMatchObject({ code: 'not-open' })
      await other.open()
      await other.close()
      await other.close()
      await expect(other.open()).rejects.toMatchObject({ code: 'not-open' })
    })

    it('C-PORT-3 a transfer costs what fee() said, and the block tells all of it', async () => {
      const [from, to] = [await funded(), someone()]
      const call = port.calls.transferKeepAlive(to.account, 7n * unit)
      const fee = await port.fee(call, from.account)
      const included = await send(from, call)
      expect(included).toMatchObject({ signer: from.account, nonce: 0, isOk: true, call, remarks: [] })
      expect(included.transfers).toMatchObject([{ from: from.account, to: to.account, planck: 7n * unit }])
      expect(included.fee).toBe(fee)
      expect(fee).toBeGreaterThan(0n)
      expect(await port.balance(to.account)).toEqual({ free: 7n * unit, reserved: 0n, nonce: 0 })
      expect(await port.balance(from.account)).toMatchObject({ free: 993n * unit - fee, nonce: 1 })
      const { parent } = await port.block(included.in.hash)
      expect((await port.balance(to.account, { at: parent })).free).toBe(0n)
      expect(await port.blockHash(included.in.number)).toBe(included.in.hash)
    })

    it('C-PORT-4 a session opens, pays and closes: three extrinsics, and both its accounts are empty', async () => {
      const [wallet, session, payout] = [await funded(), someone(), someone()]
      const { calls } = port
      const budget = multisigAccount(wallet.account, session.account)
      const remark = new Uint8Array(84).fill(5)
      const opened = await send(
        wallet,
        calls.batchAll([
          calls.transferKeepAlive(budget, 500n * unit),
          calls.transfer(session.account, 100n * unit),
          calls.remarkWithEvent(remark),
        ]),
      )
      expect(opened.transfers.map(({ to, planck }) => [to, planck])).toEqual([
        [budget, 500n * unit],
        [session.account, 100n * unit],
      ])
      expect(opened.remarks).toMatchObject([
        { sender: wallet.account, hash: hexText(blake2b(remark, { dkLen: 32 })) },
      ])
      const paid = await send(
        session,
        calls.asMultiThreshold1(wallet.account, calls.transfer(payout.account, 20n * unit)),
      )
      expect(paid.transfers).toMatchObject([{ from: budget, to: payout.account, planck: 20n * unit }])
      const closing = calls.batchAll([
        calls.asMultiThreshold1(
          wallet.account,
          calls.batchAll([calls.transfer(payout.account, unit), calls.transferAll(wallet.account)]),
        ),
        calls.transferAll(wallet.account),
      ])
      const closed = await send(session, closing)
      expect(closed).toMatchObject({ isOk: true, signer: session.account, nonce: 1 })
      expect([await free(budget), await free(session.account)]).toEqual([0n, 0n])
      const fees = opened.fee + paid.fee + closed.fee
      expect((await free(wallet.account)) + (await free(payout.account)) + fees).toBe(1_000n * unit)
    })

    it('C-PORT-5 a failed dispatch is told with its error: fee and nonce are gone, the money is not', async () => {
      const [from, to] = [await funded(10n), someone()]
      const { calls } = port
      const failed = await send(
        from,
        calls.batchAll([calls.transfer(to.account, unit), calls.transfer(to.account, 50n * unit)]),
      )
      expect(failed).toMatchObject({ isOk: false, transfers: [] })
      expect(failed.error).toMatch(/^(\w+\.)?\w+$/)
      expect(await port.balance(from.account)).toMatchObject({ free: 10n * unit - failed.fee, nonce: 1 })
      expect(await free(to.account)).toBe(0n)
    })

    it('C-PORT-6 what the pool knows or has seen is unknown, what cannot be paid for is refused', async () => {
      const from = await funded()
      const call = port.calls.transfer(someone().account, unit)
      const first = await prepare(from, call)
      expect(await port.submit(first.bytes)).toEqual({ kind: 'accepted' })
      expect(await port.submit(first.bytes)).toMatchObject({ kind: 'unknown' })
      const rival = await prepare(from, port.calls.transfer(someone().account, 2n * unit), 0)
      expect(await port.submit(rival.bytes)).toMatchObject({ kind: 'unknown' })
      await include(first.hash)
      expect(await port.submit(first.bytes)).toMatchObject({ kind: 'unknown' })
      expect(await port.submit(rival.bytes)).toMatchObject({ kind: 'unknown' })
      const poor = await prepare(someone(), call)
      expect(await port.submit(poor.bytes)).toMatchObject({ kind: 'refused', code: 'payment' })
    })

    it('C-PORT-7 best and final blocks are told as they come', async () => {
      const best = bestMove()
      const final = eventually<BlockRef>(done => port.on('finalised', done))
      const before = port.best()
      await world.newBlock()
      expect((await best).retracted).toEqual([])
      expect((await best).block.number).toBe((before?.number ?? 0) + 1)
      expect((await final).number).toBeLessThan((await best).block.number)
      expect(port.finalised()).toEqual(await final)
      expect((await port.block((await best).block.hash)).parent).toBe(before?.hash)
    })

    it('C-PORT-8 a re-org names the blocks it takes back, and what they did is undone', async () => {
      const [from, to] = [await funded(), someone()]
      const included = await send(from, port.calls.transfer(to.account, unit))
      const again = bestMove()
      await world.newBlock()
      const top = (await again).block
      const moved = bestMove()
      await world.reorg(2)
      expect((await moved).retracted).toEqual([top, included.in])
      expect(await free(to.account)).toBe(0n)
      expect(await port.blockHash(included.in.number)).not.toBe(included.in.hash)
    })

    it('C-PORT-9 no block is made up: unknown ones are said', async () => {
      const nowhere = `0x${'12'.repeat(32)}`
      await expect(port.block(nowhere)).rejects.toMatchObject({ code: 'no-such-block' })
      await expect(port.blockHash(4_000_000)).rejects.toMatchObject({ code: 'no-such-block' })
      await expect(port.balance(someone().account, { at: nowhere })).rejects.toMatchObject({
        code: 'no-such-block',
      })
    })

    it('C-PORT-10 an aborted signal is obeyed before anything is sent', async () => {
      const signal = AbortSignal.abort(new Error('enough'))
      const call = port.calls.transfer(someone().account, unit)
      await expect(port.open({ signal })).rejects.toThrow('enough')
      await expect(port.balance(someone().account, { signal })).rejects.toThrow('enough')
      await expect(port.fee(call, someone().account, { signal })).rejects.toThrow('enough')
      await expect(port.submit(call, { signal })).rejects.toThrow('enough')
    })

    it('C-PORT-11 a broken connection is said at once, mends by itself, and tells what was missed as one move', async () => {
      const from = await funded()
      const call = port.calls.transfer(someone().account, unit)
      const extrinsic = await prepare(from, call)
      const down = eventually<string>(done =>
        port.on('state', ({ kind }) => {
          if (kind === 'down') done(kind)
        }),
      )
      await world.cut(port)
      await down
      await expect(port.balance(from.account)).rejects.toMatchObject({ code: 'chain-down' })
      await expect(port.submit(extrinsic.bytes)).rejects.toMatchObject({ code: 'chain-down' })
      await expect(prepareOffline(port, from, call)).resolves.toBeDefined()
      const before = port.best()?.number ?? Number.NaN
      await world.newBlock()
      await world.newBlock()
      expect(port.best()?.number).toBe(before)
      const back = bestMove()
      await world.mend(port)
      const { block, retracted } = await back
      expect([block.number, retracted]).toEqual([before + 2, []])
      expect(port.state.kind).toBe('ready')
      expect((await port.submit(extrinsic.bytes)).kind).toBe('accepted' satisfies SubmitResult['kind'])
    })
  })
}

async function prepareOffline(port: ChainPort, signer: ExtrinsicSigner, call: Call) {
  const birth = port.finalised()
  if (birth === undefined) throw new Error('an open port knows a final block')
  return port.sign(call, signer, { nonce: 9, era: { birth, period: 64 } })
}

/** The first payload; rejects when none comes. */
function eventually<Payload>(listen: (done: (payload: Payload) => void) => () => void): Promise<Payload> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`nothing happened for ${WAIT_MS} ms`))
    }, WAIT_MS)
    const stop = listen(payload => {
      clearTimeout(timer)
      queueMicrotask(() => stop())
      resolve(payload)
    })
  })
}
