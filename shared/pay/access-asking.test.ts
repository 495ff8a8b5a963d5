import { expect, test } from 'vitest'
import type { AccessTerms, TermsCode } from '../protocol/access-plaintext.ts'
import { AccessAsking, type AskEffect } from './access-asking.ts'

const EPOCH_MS = 4_000

function told(code: TermsCode, facts: Partial<AccessTerms> = {}): AccessTerms {
  const none = { isPrepay: false, creditMs: 12_000, credited: 0n, owed: 0n, needed: 0n, lastCounter: 0 }
  return { code, epoch: 10, retryMs: 0, ...none, ...facts }
}

/** A viewer in epoch 10 and on, whose time passes in steps of 50 ms. */
class Watcher {
  readonly asking: AccessAsking
  nowMs = 0
  isWatching = true
  readonly log: (AskEffect & { readonly atMs: number })[] = []

  constructor(random = 0) {
    this.asking = new AccessAsking({ epochMs: EPOCH_MS, random })
  }

  until(nowMs: number, answer?: (effect: Extract<AskEffect, { kind: 'ask' }>) => void): string[] {
    const from = this.log.length
    for (; this.nowMs <= nowMs; this.nowMs += 50) {
      this.asking.moved(
        10 + Math.floor(this.nowMs / EPOCH_MS),
        this.nowMs % EPOCH_MS,
        this.isWatching,
        this.nowMs,
      )
      for (const effect of this.asking.tick(this.nowMs)) {
        this.log.push({ ...effect, atMs: this.nowMs })
        if (effect.kind === 'ask') answer?.(effect)
      }
    }
    return this.log.slice(from).map(words)
  }
}

function words(effect: AskEffect & { readonly atMs: number }): string {
  if (effect.kind === 'missing') return `${effect.atMs} missing ${effect.epoch}`
  return `${effect.atMs} ${effect.isFirst ? 'request' : 'pull'} ${effect.epoch} ${effect.via}`
}

test('A-TAKE-1 the running epoch at once, each next one 2.3 to 2.8 s before it starts', () => {
  const prompt = new Watcher()
  const answered = prompt.until(12_000, ({ epoch }) => prompt.asking.granted(epoch))
  expect(answered).toEqual([
    '0 request 10 parent',
    '1700 pull 11 parent',
    '5700 pull 12 parent',
    '9700 pull 13 parent',
  ])
  const early = new Watcher(0.999)
  early.until(2_000, ({ epoch }) => early.asking.granted(epoch))
  expect(early.log.map(({ atMs }) => atMs)).toEqual([0, 1_250])
})

test('A-TAKE-2 silence past the moment of the answer: through the warm parent, then the parent is left', () => {
  const watcher = new Watcher()
  watcher.until(1_000, ({ epoch }) => watcher.asking.granted(epoch))
  // Asked at 1.7 s, answerable at 2.5 s.
  expect(watcher.until(3_900)).toEqual([
    '1700 pull 11 parent',
    '3100 pull 11 warm',
    '3700 missing 11',
    '3700 request 11 parent',
  ])
})

test('A-TAKE-4 two questions a second at most, and one parent left in 10 s', () => {
  const watcher = new Watcher()
  watcher.until(60_000)
  const asks = watcher.log.filter(({ kind }) => kind === 'ask').map(({ atMs }) => atMs)
  for (const [index, atMs] of asks.entries()) {
    expect(atMs - (asks[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(500)
  }
  const missing = watcher.log.filter(({ kind }) => kind === 'missing').map(({ atMs }) => atMs)
  expect(missing.length).toBeGreaterThan(2)
  for (const [index, atMs] of missing.entries()) {
    expect(atMs - (missing[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(10_000)
  }
})

test('A-TAKE-5 held back with a reason is no silence: asked again each 2 s by the same way', () => {
  const watcher = new Watcher()
  const said = watcher.until(3_000, () => watcher.asking.told(told('unpaid'), watcher.nowMs))
  expect(said).toEqual(['0 request 10 parent', '1700 pull 11 parent', '2200 pull 10 parent'])
  expect(watcher.log.some(({ kind }) => kind === 'missing')).toBe(false)
})

test('A-TAKE-6 who pauses asks nothing; who comes back asks for what runs', () => {
  const watcher = new Watcher()
  watcher.until(500, ({ epoch }) => watcher.asking.granted(epoch))
  watcher.isWatching = false
  expect(watcher.until(9_000)).toEqual([])
  watcher.isWatching = true
  expect(watcher.until(9_100)).toEqual(['9050 pull 12 parent'])
})

test('A-TAKE-7 superseded is the end; too soon waits; a stale counter introduces itself again', () => {
  const over = new Watcher()
  over.until(0, () => over.asking.told(told('superseded'), 0))
  expect(over.until(20_000)).toEqual([])
  const waits = new Watcher()
  waits.until(0, () => waits.asking.told(told('too-soon', { retryMs: 6_000 }), 0))
  expect(waits.until(6_100)[0]).toBe('6000 request 11 parent')
  const stale = new Watcher()
  stale.until(0, () => stale.asking.told(told('stale-counter'), 0))
  expect(stale.until(600)).toEqual(['500 request 10 parent'])
  const early = new Watcher()
  early.until(0, () => early.asking.told(told('welcome', { epoch: 12 }), 0))
  expect(early.until(6_000)).toEqual(['5700 pull 12 parent'])
})
