import { describe, expect, it } from 'vitest'
import {
  captureSource,
  INITIAL_SETTINGS,
  needsReopening,
  QUALITIES,
  type StudioSettings,
} from './studio-settings.ts'

const file = new File(['x'], 'clip.mp4')

describe('studio settings', () => {
  it('U-STUDIO-1 asks capture for exactly what the form says', () => {
    const of = (patch: Partial<StudioSettings>) => captureSource({ ...INITIAL_SETTINGS, ...patch })
    expect(of({})).toEqual({ kind: 'camera' })
    expect(of({ camera: 'cam', microphone: 'none' })).toEqual({
      kind: 'camera',
      videoDeviceId: 'cam',
      audioDeviceId: false,
    })
    expect(of({ kind: 'screen' })).toEqual({ kind: 'screen' })
    expect(of({ kind: 'file' })).toBeUndefined()
    expect(of({ kind: 'file', file })).toEqual({ kind: 'file', file, isLooping: true })
    expect(of({ kind: 'test-pattern' })).toEqual({ kind: 'test-pattern', width: 1280, height: 720 })
  })

  it('U-STUDIO-2 opens the source anew only for a change that concerns it', () => {
    const changes = (before: Partial<StudioSettings>, after: Partial<StudioSettings>) =>
      needsReopening({ ...INITIAL_SETTINGS, ...before }, { ...INITIAL_SETTINGS, ...before, ...after })
    const [, other] = QUALITIES
    expect(other).toBeDefined()
    if (other === undefined) return
    expect(changes({}, { title: 'x', description: 'y', quality: other })).toBe(false)
    expect(changes({}, { kind: 'screen' })).toBe(true)
    expect(changes({}, { microphone: 'mic' })).toBe(true)
    expect(changes({ kind: 'screen' }, { camera: 'cam' })).toBe(false)
    expect(changes({ kind: 'file' }, { file })).toBe(true)
    expect(changes({ kind: 'test-pattern' }, { quality: other })).toBe(true)
  })
})
