import { expect, test } from 'vitest'
import { budgetAccountOf } from '../client/engine/pay/session-calls.ts'
import { hexText } from '../shared/protocol/hex.ts'
import { encodePeerMessage } from '../shared/protocol/peer-message.ts'
import { testAccount } from './support/hand-session.ts'
import {
  CREDIT_SECONDS,
  EPOCH_SECONDS,
  PRICE,
  RiderScene,
  UNPAID_MAX_SECONDS,
} from './support/rider-scene.ts'
import { until } from './support/until.ts'

/** Long enough for a second helping, had it been given one. */
const PATIENCE_SECONDS = 3
/** First byte of a request for keys. */
const REQUEST = 0x11
/** Of a body that the rider's wire replaces. */
const MARK = 0xff

test.concurrent('A-CREDIT-1 a rider that does not pay is shown preview and credit, and forwards on', () =>
  RiderScene.run(async scene => {
    const { rider } = scene
    await scene.unlock(rider, await scene.open(await scene.wallet()))
    await scene.refused(rider)
    await scene.pass(PATIENCE_SECONDS)
    expect(rider.codes.seconds).toBeGreaterThan(CREDIT_SECONDS - 1)
    expect(rider.codes.seconds).toBeLessThanOrEqual(UNPAID_MAX_SECONDS)
  }))

test.concurrent('A-BIND-4 of three peers that share a session at most one is shown a moment', () =>
  RiderScene.run(async scene => {
    const { riders, creator } = scene
    const session = await scene.open(await scene.wallet())
    await session.pay(30n * PRICE)
    for (const rider of riders) {
      await scene.unlock(rider, session)
      await scene.pass(2)
    }
    await scene.pass(PATIENCE_SECONDS)
    const shown = riders.flatMap(({ codes }) => [...codes.shown.keys()])
    expect(shown.length).toBeGreaterThan(60)
    expect(new Set(shown).size).toBe(shown.length)
    const epochs = riders.flatMap(({ keys }) => [...keys.keys()])
    expect(new Set(epochs).size).toBe(epochs.length)
    // All three asked.
    const origins = new Set(creator.heard.map(({ origin }) => hexText(origin)))
    expect(origins.size).toBe(5)
  }, 3))

test.concurrent('A-REQ-2 naming a wallet that is rich, or one that pays, shows nothing', () =>
  RiderScene.run(async scene => {
    const { rider, above, creator } = scene
    const stranger = await scene.wallet()
    const own = await scene.open(await scene.wallet())
    const named = [
      { wallet: stranger.account, session: testAccount().key },
      { wallet: stranger.account, session: own.signer },
      { wallet: above.wallet.account, session: testAccount().key },
      { wallet: above.wallet.account, session: own.signer },
    ]
    for (const { wallet, session } of named) {
      const asked = rider.states.length
      await rider.viewer.unlock({ wallet, session, acceptedPrice: PRICE })
      await until('the creator does not know it', () =>
        rider.states.slice(asked).some(state => state.kind === 'refused' && state.code === 'not-funded'),
      )
      await scene.pass(1)
    }
    expect(rider.codes.seconds).toBe(0)
    expect(rider.keys.size).toBe(0)
    expect(
      creator
        .rows()
        .filter(({ owed }) => owed > 0n)
        .map(({ wallet }) => wallet)
        .toSorted(),
    ).toEqual([above.wallet.account, scene.below.wallet.account].toSorted())
  }))

test.concurrent('A-SEAL-2 a relay that reads what it carries learns neither account nor key', () =>
  RiderScene.run(async scene => {
    const { rider, below, carried } = scene
    await scene.pass(PATIENCE_SECONDS)
    const { account } = below.wallet
    const session = below.payment.sessionId ?? ''
    const secrets = [
      account,
      session,
      budgetAccountOf(account, session, true),
      ...[...below.keys.values()].map(hexText),
    ].map(secret => Buffer.from(secret.replace('0x', ''), 'hex'))
    expect(secrets.every(({ length }) => length === 32)).toBe(true)
    expect(below.keys.size).toBeGreaterThan(2)
    // From the first request on: the payer below had its picture through this relay alone.
    expect(carried.some(({ kind, body }) => kind === 'up' && body[0] === REQUEST)).toBe(true)
    expect(carried.filter(({ kind }) => kind === 'down').length).toBeGreaterThan(2)
    for (const message of carried)
      for (const secret of secrets)
        expect(Buffer.from(encodePeerMessage(message)).includes(secret)).toBe(false)
    expect(rider.codes.seconds).toBe(0)
  }))

test.concurrent('A-CREDIT-1 paying resumes the picture within one epoch of the payment being counted', () =>
  RiderScene.run(async scene => {
    const { rider, creator } = scene
    const session = await scene.open(await scene.wallet())
    await scene.unlock(rider, session)
    await scene.refused(rider)
    await scene.pass(2)
    for (let time = 0; time < 2; time++) {
      const before = {
        seconds: rider.codes.seconds,
        paid: scene.paidBy(session),
        states: rider.states.length,
      }
      await session.pay(2n * PRICE)
      await until('it is counted', () => scene.paidBy(session) > before.paid, 15_000, 2)
      const countedUs = creator.sent.newestUs
      await until('the picture is back', () => rider.codes.seconds > before.seconds, 15_000, 2)
      expect(creator.sent.newestUs - countedUs).toBeLessThanOrEqual(EPOCH_SECONDS * 1_000_000)
      await scene.refused(rider, before.states)
      await scene.pass(2)
      expect(rider.codes.seconds).toBeGreaterThan(before.seconds + 1)
    }
    expect(rider.codes.seconds).toBeLessThanOrEqual(UNPAID_MAX_SECONDS + 4)
  }))

test.concurrent('A-CREDIT-3 a new session each time the credit ends shows nothing more', () =>
  RiderScene.run(async scene => {
    const { rider, creator } = scene
    const wallet = await scene.wallet()
    for (let time = 0; time < 3; time++) {
      const states = rider.states.length
      await scene.unlock(rider, await scene.open(wallet))
      await scene.refused(rider, states)
    }
    await scene.pass(PATIENCE_SECONDS)
    expect(creator.rows().filter(row => row.wallet === wallet.account).length).toBe(3)
    expect(rider.codes.seconds).toBeGreaterThan(CREDIT_SECONDS - 1)
    expect(rider.codes.seconds).toBeLessThanOrEqual(UNPAID_MAX_SECONDS)
  }))

test.concurrent('A-CREDIT-1 a rider that pays half is shown no more unpaid than one that pays nothing', () =>
  RiderScene.run(async scene => {
    const { rider, chain } = scene
    const session = await scene.open(await scene.wallet())
    await scene.unlock(rider, session)
    const payer = new Set([session.accounts.budgetAccount])
    let paidSeconds = 0
    let mostUnpaid = 0
    for (let time = 0; time < 100; time++) {
      const due = Math.floor(rider.codes.seconds / 2) - paidSeconds
      if (due > 0) await session.pay(BigInt(due) * PRICE)
      paidSeconds += Math.max(0, due)
      const unpaid = rider.codes.seconds - Number(chain.paidBy(payer) / PRICE)
      mostUnpaid = Math.max(mostUnpaid, unpaid)
      await scene.pass(0.2)
    }
    expect(paidSeconds).toBeGreaterThanOrEqual(CREDIT_SECONDS - 1)
    expect(rider.states.some(state => state.kind === 'refused' && state.code === 'unpaid')).toBe(true)
    expect(mostUnpaid).toBeGreaterThan(CREDIT_SECONDS - 1)
    expect(mostUnpaid).toBeLessThanOrEqual(UNPAID_MAX_SECONDS)
  }))

test.concurrent('A-CREDIT-2 paying to another account is paying nothing', () =>
  RiderScene.run(async scene => {
    const { rider, chain } = scene
    const session = await scene.open(await scene.wallet())
    const { account } = testAccount()
    await session.pay(30n * PRICE, { to: account })
    await until('the other account has it', () => chain.chain.free(account) === 30n * PRICE)
    await scene.unlock(rider, session)
    await scene.refused(rider)
    await scene.pass(PATIENCE_SECONDS)
    expect(scene.paidBy(session)).toBe(0n)
    expect(rider.codes.seconds).toBeGreaterThan(CREDIT_SECONDS - 1)
    expect(rider.codes.seconds).toBeLessThanOrEqual(UNPAID_MAX_SECONDS)
  }))

test.concurrent('A-FORGIVE-1 claiming throughout that it stalled is worth a twentieth of what was paid', () =>
  RiderScene.run(async scene => {
    const { rider } = scene
    const session = await scene.open(await scene.wallet())
    await session.pay(4n * PRICE)
    await until('it is counted', () => scene.chain.paidBy(new Set([session.accounts.budgetAccount])) > 0n)
    await scene.unlock(rider, session)
    rider.viewer.on('frame', ({ durationUs }) => rider.viewer.claimStalled(durationUs / 1_000))
    await scene.refused(rider)
    await scene.pass(PATIENCE_SECONDS)
    expect(scene.paidBy(session)).toBe(4n * PRICE)
    expect(rider.codes.seconds).toBeGreaterThan(4 + CREDIT_SECONDS - 1)
    // What is forgiven, and what was not owed of an epoch whose key came late, may buy one more together.
    expect(rider.codes.seconds - 4).toBeLessThanOrEqual(UNPAID_MAX_SECONDS + EPOCH_SECONDS)
  }))

test.concurrent('A-REQ-1 another’s request, taken off the wire and sent again, shows nothing', () =>
  RiderScene.run(async scene => {
    const { rider, carried, creator, wire } = scene
    const request = carried.find(({ kind, body }) => kind === 'up' && body[0] === REQUEST)
    if (request?.kind !== 'up') throw new Error('the relay carried no request')
    // It listens, as who has a session of its own does.
    const own = testAccount()
    await rider.viewer.unlock({ wallet: own.account, session: own.key, acceptedPrice: PRICE })
    const replayed = { whole: 0 }
    wire.lie = message => {
      if (message.kind !== 'up' || message.body[0] !== MARK) return message
      replayed.whole += 1
      return request
    }
    for (let time = 0; time < 3; time++) {
      // As its own, under its own signature; and as it was, signature and all.
      await rider.viewer.sendUp(request.body)
      await rider.viewer.sendUp(Uint8Array.of(MARK))
      await scene.pass(1)
    }
    const same = creator.heard.filter(({ body }) => Buffer.from(body).equals(request.body))
    const origin = hexText(request.origin)
    expect(same.filter(message => hexText(message.origin) !== origin).length).toBe(3)
    expect(same.filter(message => hexText(message.origin) === origin).length).toBe(1)
    expect(replayed.whole).toBe(3)
    await scene.pass(PATIENCE_SECONDS)
    expect(rider.codes.seconds).toBe(0)
    expect(rider.keys.size).toBe(0)
  }))

test.concurrent('A-FINAL-2 a payment that a re-org takes back has bought nothing', () =>
  RiderScene.run(async scene => {
    const { rider, chain } = scene
    const session = await scene.open(await scene.wallet())
    await scene.unlock(rider, session)
    await until('the picture', () => rider.codes.seconds > 0)
    chain.pause()
    await session.pay(8n * PRICE)
    chain.chain.produceBlock()
    await until('it is counted', () => scene.paidBy(session) === 8n * PRICE)
    chain.chain.reorg(1, { drops: true })
    chain.resume()
    await until('it is owed again', () => scene.paidBy(session) === 0n)
    await scene.refused(rider)
    await scene.pass(PATIENCE_SECONDS)
    expect(chain.paidBy(new Set([session.accounts.budgetAccount]))).toBe(0n)
    expect(rider.codes.seconds).toBeGreaterThan(CREDIT_SECONDS - 1)
    expect(rider.codes.seconds).toBeLessThanOrEqual(UNPAID_MAX_SECONDS)
  }))

test.concurrent('A-CREDIT-7 a wallet that left owing watches again by paying what it owes', () =>
  RiderScene.run(async scene => {
    const { rider, creator } = scene
    const wallet = await scene.wallet()
    await scene.unlock(rider, await scene.open(wallet))
    await scene.refused(rider)
    await rider.viewer.leaveAccess(0)
    const before = rider.codes.seconds
    expect(before).toBeLessThanOrEqual(UNPAID_MAX_SECONDS)
    // It comes back and pays as the product does.
    await scene.mesh.pay(creator.streamId, rider, wallet)
    await until('the picture is back', () => rider.codes.seconds > before)
    const backUs = rider.codes.newestUs
    await scene.pass(CREDIT_SECONDS + PATIENCE_SECONDS)
    expect(rider.codes.seconds).toBeGreaterThan(before + CREDIT_SECONDS)
    expect(rider.codes.gaps(backUs)).toEqual([])
    expect(scene.unpaidBy(wallet.account)).toBeLessThanOrEqual(BigInt(CREDIT_SECONDS) * PRICE)
  }))

test.concurrent('A-CREDIT-6 a wallet that left owing more than its credit watches again by paying ahead', () =>
  RiderScene.run(async scene => {
    const { rider, chain, creator } = scene
    const wallet = await scene.wallet()
    const session = await scene.open(wallet)
    await scene.unlock(rider, session)
    await scene.refused(rider)
    const cut = rider.codes.seconds
    // A payment buys keys, and then a re-org takes it back.
    chain.pause()
    await session.pay(2n * PRICE)
    chain.chain.produceBlock()
    await until('more than the credit is owed', () => rider.codes.seconds > cut + 1)
    chain.chain.reorg(1, { drops: true })
    chain.resume()
    await until('it is owed again', () => scene.unpaidBy(wallet.account) > BigInt(CREDIT_SECONDS) * PRICE)
    await rider.viewer.leaveAccess(0)
    const isPrepay = (): boolean => creator.rows().some(row => row.wallet === wallet.account && row.isPrepay)
    await until('it gets no credit', isPrepay)
    // What was granted before is shown to its end.
    await scene.pass(2)
    const before = rider.codes.seconds
    expect(before).toBeLessThanOrEqual(UNPAID_MAX_SECONDS + 2)
    const next = await scene.open(wallet)
    await next.pay(3n * PRICE)
    await scene.unlock(rider, next)
    // Within what others may owe; not for this one.
    await scene.pass(PATIENCE_SECONDS)
    expect(scene.paidBy(next)).toBe(3n * PRICE)
    expect(scene.unpaidBy(wallet.account)).toBeGreaterThan(0n)
    expect(rider.codes.seconds).toBe(before)
    await next.pay(scene.unpaidBy(wallet.account) + 2n * PRICE)
    await until('the picture is back', () => rider.codes.seconds > before)
    await scene.pass(CREDIT_SECONDS)
    expect(rider.codes.seconds).toBeGreaterThan(before + 2)
    expect(scene.unpaidBy(wallet.account)).toBeLessThanOrEqual(BigInt(CREDIT_SECONDS) * PRICE)
  }))
