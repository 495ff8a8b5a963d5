/** Numbers as people read them. All take any finite number and never throw. */

/** Bits per second: `850 kbit/s`, `2.5 Mbit/s`. */
export function bitrateText(bitsPerSecond: number): string {
  if (bitsPerSecond < 1_000_000) return `${Math.round(bitsPerSecond / 1_000)} kbit/s`
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`
}

/** Bytes: `12 kB`, `3.4 MB`, `1.2 GB`; powers of ten. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`
}

/** Milliseconds, short ones as such: `84 ms`, `1.2 s`. */
export function latencyText(ms: number): string {
  const whole = Math.max(0, Math.round(ms))
  return whole < 1_000 ? `${whole} ms` : `${(whole / 1_000).toFixed(1)} s`
}

/** How long something has run, to the minute once it is past one: `40 s`, `12 min`, `3 h 05 min`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** `1 viewer`, `2 viewers`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A peer id's last six characters: the first ones are the same for every Ed25519 peer. */
export function shortPeer(peer: string): string {
  return `…${peer.slice(-6)}`
}

/** Enough of a chain's address to tell one's own apart. */
export function shortAddress(address: string): string {
  return address.length <= 16 ? address : `${address.slice(0, 7)}…${address.slice(-7)}`
}
