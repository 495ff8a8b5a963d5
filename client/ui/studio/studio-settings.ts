import type { CaptureSource } from '../../engine/media/capture.ts'

export type SourceKind = CaptureSource['kind']

/** A picture size and what it costs; bit/s for video alone. */
export type Quality = {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly videoBitrate: number
}

export const QUALITIES: readonly [Quality, ...Quality[]] = [
  { id: '720p', width: 1280, height: 720, videoBitrate: 2_500_000 },
  { id: '1080p', width: 1920, height: 1080, videoBitrate: 4_500_000 },
  { id: '480p', width: 854, height: 480, videoBitrate: 1_200_000 },
  { id: '360p', width: 640, height: 360, videoBitrate: 600_000 },
]

/** What the form holds before going live. */
export type StudioSettings = {
  readonly kind: SourceKind
  /** Device ids; '' is the browser's default, 'none' goes without. */
  readonly camera: string
  readonly microphone: string
  readonly file: File | undefined
  readonly isLooping: boolean
  readonly quality: Quality
  readonly title: string
  readonly description: string
  readonly category: string
}

export const INITIAL_SETTINGS: StudioSettings = {
  kind: 'camera',
  camera: '',
  microphone: '',
  file: undefined,
  isLooping: true,
  quality: QUALITIES[0],
  title: '',
  description: '',
  category: '',
}

/** What capture is asked to open; undefined while a file is still to be chosen. */
export function captureSource(settings: StudioSettings): CaptureSource | undefined {
  switch (settings.kind) {
    case 'camera': {
      const video = deviceChoice(settings.camera)
      const audio = deviceChoice(settings.microphone)
      return {
        kind: 'camera',
        ...(video === undefined ? {} : { videoDeviceId: video }),
        ...(audio === undefined ? {} : { audioDeviceId: audio }),
      }
    }
    case 'screen':
      return { kind: 'screen' }
    case 'file':
      return settings.file === undefined
        ? undefined
        : { kind: 'file', file: settings.file, isLooping: settings.isLooping }
    case 'test-pattern':
      return { kind: 'test-pattern', width: settings.quality.width, height: settings.quality.height }
    default:
      return settings.kind satisfies never
  }
}

/** True when what is open no longer is what the form asks for. */
export function needsReopening(before: StudioSettings, after: StudioSettings): boolean {
  if (before.kind !== after.kind) return true
  switch (after.kind) {
    case 'camera':
      return before.camera !== after.camera || before.microphone !== after.microphone
    case 'file':
      return before.file !== after.file || before.isLooping !== after.isLooping
    case 'test-pattern':
      return before.quality !== after.quality
    case 'screen':
      return false
    default:
      return after.kind satisfies never
  }
}

function deviceChoice(id: string): string | false | undefined {
  if (id === 'none') return false
  return id === '' ? undefined : id
}
