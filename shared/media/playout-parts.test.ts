import { describe, expect, test } from 'vitest'
import { CaptureClock } from './capture-clock.ts'
import { DelayWindow } from './delay-window.ts'
import {
  BUFFER_MAX_MS,
  BUFFER_MIN_MS,
  BUFFER_START_MS,
  LatencyPlan,
  PICTURE_LEAD_MAX_MS,
} from './latency-plan.ts'
import { PlayoutClock } from './playout-clock.ts'
import { SpeedControl } from './speed-control.ts'

describe('delays', () => {
  test('P-BUFFER-1 jitter is the p99 above the least delay of the last 10 s', () => {
    const window = new DelayWindow()
    for (let index = 0; index < 500; index++)
      window.add(index * 20, 100 + (index % 130 === 0 ? 80 : index % 10))
    expect(window.leastMs).toBe(100)
    expect(window.jitterMs).toBe(9)
    for (let index = 0; index < 20; index++) window.add(10_000 + index * 20, 150)
    expect(window.jitterMs).toBe(50)
    // Ten seconds later all of that is forgotten.
    for (let index = 0; index < 600; index++) window.add(11_000 + index * 20, 130)
    expect(window.leastMs).toBe(130)
    expect(window.jitterMs).toBe(0)
  })

  test('P-BUFFER-1 a track that fell silent is forgotten, whatever it was', () => {
    const window = new DelayWindow()
    window.add(0, 5)
    window.expire(20_000)
    expect(window.leastMs).toBeUndefined()
  })

  test('P-BUFFER-1 the aim starts at 20 ms and stays within 10 and 1,000', () => {
    const plan = new LatencyPlan()
    plan.ready('video', 900, 0)
    plan.ready('video', 50, 0)
    expect(plan.bufferMs('video')).toBe(BUFFER_START_MS)
    plan.endBacklog()
    plan.ready('video', 50, 0)
    expect(plan.bufferMs('video')).toBe(BUFFER_START_MS)
    for (let nowMs = 0; nowMs < 5_000; nowMs += 33) plan.ready('video', 50, nowMs)
    expect(plan.bufferMs('video')).toBe(BUFFER_MIN_MS)
    for (let nowMs = 5_000; nowMs < 10_000; nowMs += 33) plan.ready('video', nowMs % 2 ? 50 : 5_000, nowMs)
    expect(plan.bufferMs('video')).toBe(BUFFER_MAX_MS)
  })

  test('P-BUFFER-2 P-BUFFER-3 latency is the need of the slower track, and the picture leads by 28 ms at most', () => {
    const steady = (video: number, audio: number) => {
      const plan = new LatencyPlan()
      plan.endBacklog()
      for (let nowMs = 0; nowMs < 3_000; nowMs += 20) {
        plan.ready('video', video, nowMs)
        plan.ready('audio', audio, nowMs)
        plan.soundCard(30, nowMs)
      }
      return plan.plan()
    }
    expect(steady(55, 40)).toEqual({ latencyMs: 85, pictureLeadMs: 20 })
    expect(steady(20, 40)).toEqual({ latencyMs: 85, pictureLeadMs: PICTURE_LEAD_MAX_MS })
    // A picture that needs longer makes the sound wait.
    expect(steady(100, 40)).toEqual({ latencyMs: 110, pictureLeadMs: 0 })
  })
})

describe('clocks', () => {
  test('P-TIME-2 two capture clocks 400 ppm apart keep together for an hour', () => {
    const [camera, microphone] = [new CaptureClock(), new CaptureClock()]
    let random = 1
    const jitterUs = () => {
      random = (random * 48_271) % 2_147_483_647
      return (random / 2_147_483_647) * 8_000
    }
    let worstUs = 0
    for (let nowUs = 1e6; nowUs < 3_600e6; nowUs += 100_000) {
      const [cameraUs, microphoneUs] = [nowUs * 1.0002 + 5e9, nowUs * 0.9998 - 3e9]
      camera.observe(cameraUs, nowUs + jitterUs())
      microphone.observe(microphoneUs, nowUs + jitterUs())
      const skewUs = (camera.map(cameraUs) ?? 0) - (microphone.map(microphoneUs) ?? 0)
      if (nowUs > 10e6) worstUs = Math.max(worstUs, Math.abs(skewUs))
    }
    expect(worstUs).toBeLessThan(5_000)
  })

  test('P-TIME-1 mapped timestamps only rise, also when the device jumps', () => {
    const clock = new CaptureClock()
    let last = Number.NEGATIVE_INFINITY
    for (let index = 0; index < 300; index++) {
      const captureUs = index * 33_333 - (index > 100 ? 4e6 : 0) + (index > 200 ? 9e6 : 0)
      clock.observe(captureUs, index * 33_333 + (index % 7) * 3_000)
      const mapped = clock.map(captureUs) ?? Number.NaN
      expect(mapped).toBeGreaterThan(last)
      last = mapped
    }
    expect(Math.abs(last - 299 * 33_333)).toBeLessThan(40_000)
  })

  test('P-TIME-2 a page that stood still is handed a heap of late packets, and time goes on as before', () => {
    const clock = new CaptureClock()
    for (let captureUs = 0; captureUs < 10e6; captureUs += 20_000) {
      // From 5 s to 5.7 s nothing is handed over; then all of it at once.
      const isHeld = captureUs >= 5e6 && captureUs < 5.7e6
      clock.observe(captureUs, (isHeld ? 5.7e6 : captureUs) + 3_000)
      expect(Math.abs((clock.map(captureUs) ?? 0) - captureUs - 3_000)).toBeLessThan(2_000)
    }
  })

  test('P-CLOCK-1 the clock follows the sound card: slowly through noise, at once after a move', () => {
    const clock = new PlayoutClock()
    clock.set(0, 0)
    for (let nowMs = 0; nowMs < 20_000; nowMs += 20) {
      const noiseUs = (nowMs % 40) - 20 === 0 ? 2_000 : -2_000
      clock.observe(nowMs * 1000 * 1.0002 + noiseUs, nowMs, nowMs)
      expect(Math.abs(clock.positionUs(nowMs) - nowMs * 1000.2)).toBeLessThan(2_500)
    }
    clock.observe(50e6, 20_000, 20_000)
    expect(clock.positionUs(20_000)).toBeCloseTo(50e6, -4)
    clock.hold(50.01e6)
    expect(clock.positionUs(25_000)).toBe(50.01e6)
    clock.observe(50.02e6, 25_000, 25_000)
    expect(clock.positionUs(25_010)).toBeCloseTo(50.03e6, -3)
  })

  test('P-SPEED-1 small errors by half a percent at most, large ones by 2 to 10 % until they are small', () => {
    const control = new SpeedControl()
    expect(control.next(0)).toBe(1)
    expect(control.next(10)).toBeCloseTo(1.0025)
    expect(control.next(-59)).toBe(0.995)
    expect(control.next(61)).toBeGreaterThan(1.02)
    expect(control.next(500)).toBe(1.1)
    expect(control.next(16)).toBe(1.02)
    expect(control.next(14)).toBeLessThan(1.005)
    expect(control.next(-300)).toBe(0.9)
  })
})
