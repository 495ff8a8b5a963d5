import { expect, test } from 'vitest'
import { CREDIT_SECONDS, RiderScene, UNPAID_MAX_SECONDS } from './support/rider-scene.ts'

/** Long enough for a second helping, had it been given one. */
const PATIENCE_SECONDS = 3

test.concurrent('A-CREDIT-1 a rider that does not pay is shown preview and credit, and forwards on', () =>
  RiderScene.run(async scene => {
    const { rider } = scene
    await scene.unlock(rider, await scene.open(await scene.wallet()))
    await scene.refused(rider)
    await scene.pass(PATIENCE_SECONDS)
    expect(rider.codes.seconds).toBeGreaterThan(CREDIT_SECONDS - 1)
    expect(rider.codes.seconds).toBeLessThanOrEqual(UNPAID_MAX_SECONDS)
  }))
