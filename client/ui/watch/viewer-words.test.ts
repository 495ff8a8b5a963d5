import { describe, expect, it } from 'vitest'
import type { PeerId } from '../../../shared/protocol/ids.ts'
import { EngineError } from '../../engine/engine-error.ts'
import type { MeshStats, ViewerState } from '../../engine/events.ts'
import { viewerWords } from './viewer-words.ts'

function statsAt(depth: number | undefined): MeshStats {
  return {
    self: 'me' as PeerId,
    depth,
    path: [],
    links: [],
    peers: 0,
    slots: 0,
    isTrackerConnected: true,
    framesReceived: 0,
    framesForwarded: 0,
    framesDropped: 0,
    framesRejected: 0,
    bytesReceived: 0,
    bytesSent: 0,
    behindLiveMs: undefined,
  }
}

describe('connection state in words', () => {
  it('U-WATCH-2 says each state in a sentence of its own', () => {
    const states: ViewerState[] = [
      { kind: 'idle' },
      { kind: 'finding-tracker' },
      { kind: 'joining', attempt: 1 },
      { kind: 'joining', attempt: 3 },
      { kind: 'waiting', reason: 'no-capacity' },
      { kind: 'waiting', reason: 'creator-away' },
      { kind: 'live' },
      { kind: 'reconnecting', reason: 'parent left' },
      { kind: 'ended' },
      { kind: 'closed' },
    ]
    const texts = states.map(state => viewerWords(state, undefined).text)
    expect(new Set(texts).size).toBe(states.length)
    expect(texts[2]).toBe('Looking for peers…')
    expect(texts[8]).toBe('The stream has ended')
  })

  it('U-WATCH-2 counts the peers between the creator and this one', () => {
    const at = (depth: number | undefined) => viewerWords({ kind: 'live' }, statsAt(depth)).text
    expect([at(undefined), at(1), at(2), at(3)]).toEqual([
      'Connected',
      'Connected straight to the creator',
      'Connected through 1 peer',
      'Connected through 2 peers',
    ])
  })

  it('U-WATCH-2 passes on an error’s own sentence', () => {
    const error = new EngineError('no-such-stream', 'No tracker knows this stream.')
    expect(viewerWords({ kind: 'failed', error }, undefined)).toEqual({ text: error.message, tone: 'over' })
  })
})
