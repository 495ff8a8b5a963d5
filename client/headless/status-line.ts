import type { BroadcasterEvents, LinkInfo, MeshStats } from '../engine/events.ts'

/** Counters of one second ago, to make rates of them. */
export type Previous = { readonly atMs: number; readonly stats: MeshStats }

export function broadcastStatus(
  positionS: number,
  stats: BroadcasterEvents['stats'],
  previous: Previous | undefined,
  nowMs: number,
): string {
  return joined(
    clock(positionS),
    stats.isTrackerConnected ? count(stats.viewers, 'viewer') : 'no tracker, trying on',
    count(children(stats).length, 'child', 'children'),
    `${megabits(stats.bitrate)} made`,
    rateText('out', stats.bytesSent, previous?.stats.bytesSent, previous?.atMs, nowMs),
    ...queueTexts(stats),
  )
}

export function relayStatus(
  state: string,
  stats: MeshStats,
  previous: Previous | undefined,
  nowMs: number,
): string {
  return joined(
    state,
    stats.depth === undefined ? undefined : `depth ${stats.depth}`,
    stats.isTrackerConnected ? count(stats.peers, 'peer') : 'no tracker, trying on',
    count(children(stats).length, 'child', 'children'),
    rateText('in', stats.bytesReceived, previous?.stats.bytesReceived, previous?.atMs, nowMs),
    rateText('out', stats.bytesSent, previous?.stats.bytesSent, previous?.atMs, nowMs),
    ...queueTexts(stats),
    stats.behindLiveMs === undefined ? undefined : `${Math.round(stats.behindLiveMs)} ms behind`,
  )
}

export function watchStatus(
  state: string,
  stats: MeshStats,
  paid: string | undefined,
  previous: Previous | undefined,
  nowMs: number,
): string {
  return joined(
    state,
    paid,
    stats.depth === undefined ? undefined : `depth ${stats.depth}`,
    count(stats.peers, 'peer'),
    rateText('in', stats.bytesReceived, previous?.stats.bytesReceived, previous?.atMs, nowMs),
    stats.behindLiveMs === undefined ? undefined : `${Math.round(stats.behindLiveMs)} ms behind`,
  )
}

function queueTexts(stats: MeshStats): (string | undefined)[] {
  const below = children(stats)
  const slowest = Math.max(0, ...below.map(link => link.queueDelayMs))
  const dropped = below.reduce((sum, link) => sum + link.dropped, 0)
  return [
    below.length === 0 ? undefined : `queue ${Math.round(slowest)} ms`,
    `${dropped} dropped`,
    stats.framesRejected > 0 ? `${stats.framesRejected} rejected` : undefined,
  ]
}

function children({ links }: MeshStats): LinkInfo[] {
  return links.filter(link => link.relation === 'child')
}

function rateText(
  name: string,
  bytes: number,
  before: number | undefined,
  atMs: number | undefined,
  nowMs: number,
): string | undefined {
  if (before === undefined || atMs === undefined || nowMs <= atMs) return undefined
  return `${megabits((Math.max(0, bytes - before) * 8_000) / (nowMs - atMs))} ${name}`
}

function megabits(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e6).toFixed(2)} Mbit/s`
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`
}

function joined(...texts: (string | undefined)[]): string {
  return texts.filter(text => text !== undefined).join(' · ')
}
