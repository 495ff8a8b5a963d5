import { describe, expect, test } from 'vitest'
import { AudioRing } from './audio-ring.ts'
import { CaptureClock } from './capture-clock.ts'
import { Playout } from './playout.ts'
import type { PlayoutFrame } from './playout-frame.ts'
import type { PlayoutEffect } from './playout-step.ts'

const RATE = 48_000
const MINUTE_MS = 60_000

type Media = 'video' | 'audio'
type Frame = PlayoutFrame & { readonly media: Media; readonly capturedAtMs: number }
type World = {
  readonly seed: number
  readonly minutes: number
  /** Rates against true time, parts per million. */
  readonly ppm: { readonly camera: number; readonly microphone: number; readonly soundCard: number }
  readonly tracks: readonly Media[]
  /** Frames that never arrive. */
  readonly loss: number
  /** Everything stands still for 50 to 400 ms, once a minute. */
  readonly hasBursts: boolean
  /** Nothing arrives while this holds. */
  readonly isBlocked?: (atMs: number) => boolean
  readonly isMicrophoneOn?: (atMs: number) => boolean
  /** The viewer is there from now on, and gets what was sent since the newest key frame in a hurry. */
  readonly joinsAtMs?: number
  /** How much of a hurry: ms a frame. Default 2. */
  readonly backlogMs?: number
  /** The sound card runs in these spans of true time only, ms; default: always. */
  readonly isSoundOn?: (atMs: number) => boolean
}
type Shown = { readonly atMs: number; readonly latencyMs: number; readonly skewMs: number | undefined }

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Sound in which each sample says when it was captured (left), and how loud it is played (right). */
function packet(capturedAtMs: number, stepMs: number): Float32Array[] {
  const left = new Float32Array(960)
  for (let index = 0; index < 960; index++) left[index] = (capturedAtMs + index * stepMs) / 1000
  return [left, new Float32Array(960).fill(1)]
}

/** One creator, one path, one viewer in virtual time, 1 ms a step. */
function simulate(world: World): { shown: Shown[]; ticks: number; silentMs: number; heardMs: number } {
  const random = seeded(world.seed)
  const playout = new Playout<Frame>({
    ...(world.tracks.includes('video') && { video: { temporalLayers: 2 } }),
    ...(world.tracks.includes('audio') && { audio: {} }),
  })
  const ring = new AudioRing(RATE)
  const clocks = { video: new CaptureClock(), audio: new CaptureClock() }
  const seqs = { video: 0, audio: 0 }
  const due = new Map<number, (() => void)[]>()
  const at = (ms: number, action: () => void) => {
    const slot = Math.max(nowMs + 1, Math.ceil(ms))
    due.set(slot, [...(due.get(slot) ?? []), action])
  }
  const shown: Shown[] = []
  const captured = new Map<number, number>()
  const heard: { readonly atMs: number; readonly left: Float32Array; readonly right: Float32Array }[] = []
  const speaker = 1 + world.ppm.soundCard / 1e6
  let nowMs = 0
  let blockedUntilMs = 0
  let backlog = 0
  let seek = 0
  let ticks = 0
  let soundCardMs = 0
  let pulls = 0
  let isSoundOn = false
  let sounding = 0

  const heardAt = (ms: number): number | undefined => {
    const buffer = heard.find(candidate => ms >= candidate.atMs && ms < candidate.atMs + 10)
    const index = buffer === undefined ? 0 : Math.floor((ms - buffer.atMs) * 48)
    const loudness = buffer?.right[index] ?? 0
    return buffer === undefined || loudness < 0.99 ? undefined : ((buffer.left[index] ?? 0) / loudness) * 1000
  }
  const run = (effects: PlayoutEffect<Frame>[]) => {
    for (const effect of effects) {
      if (effect.kind === 'decode') {
        const { frame, media } = effect
        at(nowMs + (media === 'video' ? 5 : 1), () => {
          const step = 1 / (48 * (1 + world.ppm.microphone / 1e6))
          if (media === 'audio') ring.push(frame.timestampUs, packet(frame.capturedAtMs, step))
          run(
            playout.step(
              { kind: 'decoded', media, timestampUs: frame.timestampUs, durationUs: frame.durationUs },
              nowMs,
            ),
          )
        })
      } else if (effect.kind === 'seek-sound') {
        seek = effect.seek
        // The ring stands where the sound card will be heard 20 ms from now.
        ring.seek(effect.positionUs + (nowMs + 20 - effect.atMs) * 1000, effect.isFree)
      } else if (effect.kind === 'set-speed') ring.setSpeed(effect.speed)
      else if (effect.kind === 'tick') ticks = effect.count
      else if (effect.kind === 'show') {
        const capturedAtMs = captured.get(effect.timestampUs) ?? Number.NaN
        const sound = heardAt(nowMs)
        const skewMs = sound === undefined ? undefined : capturedAtMs - sound
        shown.push({ atMs: nowMs, latencyMs: nowMs - capturedAtMs, skewMs })
      }
    }
  }
  const emit = (media: Media, capturedAtMs: number, frame: Omit<PlayoutFrame, 'seq'>, delayMs: number) => {
    const full: Frame = { ...frame, seq: seqs[media]++, media, capturedAtMs }
    const joinsAtMs = world.joinsAtMs ?? 0
    if (random() < world.loss || (media === 'audio' && world.isMicrophoneOn?.(nowMs) === false)) return
    if (capturedAtMs < Math.floor(joinsAtMs / 1000) * 1000) return
    while (world.isBlocked?.(blockedUntilMs + 1) ?? false) blockedUntilMs++
    const arrivesAtMs = nowMs + delayMs + 12 - 6 * Math.log(1 - random())
    // The backlog comes in its order; live frames come beside it.
    const hurriedAtMs = nowMs < joinsAtMs ? joinsAtMs + (world.backlogMs ?? 2) * backlog++ : 0
    at(Math.max(arrivesAtMs, hurriedAtMs, blockedUntilMs + random()), () => {
      run(playout.step({ kind: 'frame', media, frame: full }, nowMs))
    })
  }
  const capture = () => {
    if (world.tracks.includes('video')) {
      const index = seqs.video
      const capturedAtMs = (index * 1000) / 30
      if (capturedAtMs <= nowMs) {
        const cameraUs = capturedAtMs * 1000 * (1 + world.ppm.camera / 1e6) + 7e9
        clocks.video.observe(cameraUs, nowMs * 1000 + random() * 2000)
        const timestampUs = clocks.video.map(cameraUs) ?? 0
        captured.set(timestampUs, capturedAtMs)
        const isKey = index % 30 === 0
        const temporalLayer = (index % 30) % 2
        emit('video', capturedAtMs, { timestampUs, durationUs: 33_333, isKey, temporalLayer }, isKey ? 14 : 7)
      }
    }
    if (world.tracks.includes('audio')) {
      const packetMs = 20 / (1 + world.ppm.microphone / 1e6)
      const capturedAtMs = seqs.audio * packetMs
      if (capturedAtMs + packetMs <= nowMs) {
        const deviceUs = seqs.audio * 20_000
        clocks.audio.observe(deviceUs + 20_000, nowMs * 1000 + random() * 2000)
        const timestampUs = clocks.audio.map(deviceUs) ?? 0
        emit('audio', capturedAtMs, { timestampUs, durationUs: 20_000, isKey: true, temporalLayer: 0 }, 1)
      }
    }
  }
  const playSound = () => {
    if (isSoundOn !== (world.isSoundOn?.(nowMs) ?? true)) {
      isSoundOn = !isSoundOn
      // What the sound card still had when it stopped is not heard later.
      if (!isSoundOn) ring.stop()
      if (!isSoundOn) ring.pull(new Float32Array(4_096), new Float32Array(4_096))
      run(playout.step({ kind: isSoundOn ? 'sound-ready' : 'sound-lost' }, nowMs))
    }
    if (nowMs < soundCardMs) return
    soundCardMs += 10 / speaker
    if (!isSoundOn) return
    const left = new Float32Array(480)
    const right = new Float32Array(480)
    ring.pull(left, right)
    for (const loudness of right) if (loudness > 0.99) sounding++
    heard.push({ atMs: nowMs + 20, left, right })
    if (heard.length > 6) heard.shift()
    if (pulls++ % 2 !== 0) return
    const position = ring.positionUs
    // What is pulled next follows on what was just pulled.
    const heardAtMs = nowMs + 30 + (random() - 0.5) * 4
    run(
      playout.step(
        {
          kind: 'sound',
          seek,
          heardAtMs,
          state: ring.state,
          ...(position !== undefined && { positionUs: position }),
        },
        nowMs,
      ),
    )
  }
  for (; nowMs < world.minutes * MINUTE_MS; nowMs++) {
    if (world.isBlocked?.(nowMs) === true) blockedUntilMs = Math.max(blockedUntilMs, nowMs)
    if (world.hasBursts && nowMs % MINUTE_MS === 30_000) blockedUntilMs = nowMs + 50 + random() * 350
    capture()
    const actions = due.get(nowMs)
    due.delete(nowMs)
    for (const action of actions ?? []) action()
    if (world.tracks.includes('audio')) playSound()
    // 60 Hz: every 16 or 17 ms.
    if (Math.floor((nowMs * 3) / 50) !== Math.floor(((nowMs - 1) * 3) / 50))
      run(playout.step({ kind: 'poll' }, nowMs))
  }
  return { shown, ticks, silentMs: ring.silentSamples / 48, heardMs: sounding / 48 }
}

const middle = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
const latencyBetween = (shown: readonly Shown[], fromMs: number, toMs: number): number =>
  middle(shown.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ latencyMs }) => latencyMs))
const skewsAfter = (shown: readonly Shown[], fromMs: number): number[] =>
  shown.flatMap(({ atMs, skewMs }) => (atMs < fromMs || skewMs === undefined ? [] : [Math.abs(skewMs)]))
const most = (values: readonly number[]): number => values.reduce((one, other) => Math.max(one, other), 0)

const WORLD: World = {
  seed: 7,
  minutes: 1,
  ppm: { camera: 50, microphone: 200, soundCard: -200 },
  tracks: ['video', 'audio'],
  loss: 0.002,
  hasBursts: false,
}
const LIMIT_MS = 120_000

describe('play-out in virtual time', () => {
  test.each([
    { minutes: 60, ppm: { camera: 50, microphone: 200, soundCard: -200 }, seed: 7 },
    { minutes: 12, ppm: { camera: -100, microphone: -200, soundCard: 200 }, seed: 8 },
  ])('P-SYNC-1 P-LATENCY-1 M-TICK-1 drifting clocks, loss and bursts: %j', { timeout: LIMIT_MS }, options => {
    const { shown, ticks, heardMs } = simulate({ ...WORLD, ...options, hasBursts: true })
    const endMs = options.minutes * MINUTE_MS
    const skews = skewsAfter(shown, 2_000)
    expect(skews.length).toBeGreaterThan(endMs * 0.028)
    expect(most(skews)).toBeLessThanOrEqual(45)
    const early = latencyBetween(shown, 5 * MINUTE_MS, 10 * MINUTE_MS)
    const late = latencyBetween(shown, endMs - 5 * MINUTE_MS, endMs)
    expect(early).toBeLessThan(90)
    expect(Math.abs(late - early)).toBeLessThan(5)
    expect(most(shown.map(({ latencyMs }) => latencyMs))).toBeLessThan(600)
    expect(heardMs).toBeGreaterThan(endMs * 0.97)
    expect(ticks).toBeGreaterThan((endMs / 1000) * 0.99)
    expect(ticks).toBeLessThanOrEqual(endMs / 1000)
  })

  test('P-CLOCK-2 without sound the monotonic clock leads, and latency is as low', {
    timeout: LIMIT_MS,
  }, () => {
    const { shown, ticks } = simulate({ ...WORLD, tracks: ['video'], loss: 0, minutes: 5 })
    expect(latencyBetween(shown, 4 * MINUTE_MS, 5 * MINUTE_MS)).toBeLessThan(80)
    expect(shown.length).toBeGreaterThan(300 * 29)
    expect(ticks).toBeGreaterThanOrEqual(297)
  })

  test('P-CLOCK-1 sound alone plays without holes but for lost and late packets', {
    timeout: LIMIT_MS,
  }, () => {
    const { heardMs, ticks } = simulate({ ...WORLD, tracks: ['audio'], loss: 0, minutes: 5 })
    expect(heardMs).toBeGreaterThan(5 * MINUTE_MS * 0.98)
    expect(ticks).toBeGreaterThanOrEqual(294)
  })

  test('P-CLOCK-2 P-CLOCK-4 sound that comes and goes moves no picture, and is in sync when it is there', () => {
    const isSoundOn = (atMs: number) => Math.floor(atMs / 7_000) % 2 === 1
    const { shown } = simulate({ ...WORLD, loss: 0, isSoundOn })
    expect(most(skewsAfter(shown, 2_000))).toBeLessThanOrEqual(45)
    const pauses = shown.map(({ atMs }, index) => atMs - (shown[index - 1]?.atMs ?? atMs))
    expect(most(pauses)).toBeLessThan(120)
    expect(latencyBetween(shown, 50_000, 60_000)).toBeLessThan(90)
  })

  test('P-CLOCK-3 a creator whose sound stops: the picture goes on; sound that returns is in sync', () => {
    const { shown } = simulate({ ...WORLD, loss: 0, isMicrophoneOn: atMs => atMs < 20_000 || atMs > 40_000 })
    const pauses = shown.map(({ atMs }, index) => atMs - (shown[index - 1]?.atMs ?? atMs))
    expect(most(pauses)).toBeLessThan(250)
    const skews = skewsAfter(shown, 40_500)
    expect(skews.length).toBeGreaterThan(400)
    expect(most(skews)).toBeLessThanOrEqual(45)
  })

  test('P-SPEED-2 after five seconds without anything it is at the live edge again at once', () => {
    const { shown } = simulate({ ...WORLD, isBlocked: atMs => atMs > 20_000 && atMs < 25_000 })
    expect(latencyBetween(shown, 25_600, 27_000)).toBeLessThan(400)
    expect(latencyBetween(shown, 50_000, 60_000)).toBeLessThan(90)
  })

  test.each([2, 10])(
    'P-JOIN-1 a newcomer sees its first picture at once, catches up (%i ms a frame), then hears',
    backlogMs => {
      for (const joinsAtMs of [10_100, 10_500, 10_950]) {
        const { shown } = simulate({ ...WORLD, loss: 0, minutes: 0.5, joinsAtMs, backlogMs })
        expect((shown[0]?.atMs ?? Number.NaN) - joinsAtMs).toBeLessThan(40)
        // At 10 ms a frame the backlog takes 0.8 s a second.
        const caughtUpMs = joinsAtMs + 300 + 0.09 * (joinsAtMs % 1_000) * backlogMs
        expect(latencyBetween(shown, caughtUpMs, caughtUpMs + 500)).toBeLessThan(110)
        const pauses = shown.map(({ atMs }, index) => atMs - (shown[index - 1]?.atMs ?? atMs))
        expect(most(pauses)).toBeLessThan(120)
        const skews = skewsAfter(shown, joinsAtMs)
        expect(skews.length).toBeGreaterThan(400)
        expect(most(skews)).toBeLessThanOrEqual(45)
      }
    },
  )

  test('P-SPEED-2 P-SYNC-1 whatever the seed: bursts, heavy loss, sound that comes and goes', {
    timeout: LIMIT_MS,
  }, () => {
    for (let seed = 100; seed < 106; seed++) {
      const random = seeded(seed)
      const isSoundOn = (atMs: number) => Math.sin(atMs / (3_000 + seed * 20)) < 0.9
      const ppm = {
        camera: 400 * random() - 200,
        microphone: 400 * random() - 200,
        soundCard: 400 * random() - 200,
      }
      const { shown } = simulate({ ...WORLD, seed, ppm, loss: 0.03, hasBursts: true, isSoundOn })
      expect(most(skewsAfter(shown, 2_000)), `seed ${seed}`).toBeLessThanOrEqual(45)
      expect(latencyBetween(shown, 50_000, 60_000), `seed ${seed}`).toBeLessThan(200)
    }
  })
})
