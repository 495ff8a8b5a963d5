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
