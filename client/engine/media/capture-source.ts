import { EngineError } from '../engine-error.ts'
import type { CaptureSource, MediaDevice, OpenedSource } from './capture-types.ts'
import { openFile } from './file-source.ts'
import { captureObstacle, deviceError } from './media-errors.ts'
import { openTestPattern } from './test-pattern.ts'

type CameraSource = Extract<CaptureSource, { kind: 'camera' }>

/** Asked of cameras and screens; they give what they can. */
const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } } as const

/** Opens devices, asking for permission. Throws EngineError: insecure-origin, no-webcodecs, permission-refused, no-camera, bad-file, closed (aborted). */
export async function openSource(
  source: CaptureSource,
  options: { readonly signal?: AbortSignal } = {},
): Promise<OpenedSource> {
  const obstacle = captureObstacle()
  if (obstacle !== undefined) throw obstacle
  throwIfAborted(options.signal)
  const opened = await open(source)
  if (options.signal?.aborted === true) opened.close()
  throwIfAborted(options.signal)
  return opened
}

/** Cameras and microphones; labels are empty until permission was given once. */
export async function listDevices(): Promise<{
  readonly cameras: readonly MediaDevice[]
  readonly microphones: readonly MediaDevice[]
}> {
  const devices = (await mediaDevices()?.enumerateDevices()) ?? []
  const of = (kind: MediaDeviceKind): MediaDevice[] =>
    devices
      .filter(device => device.kind === kind)
      .map(device => ({ id: device.deviceId, label: device.label }))
  return { cameras: of('videoinput'), microphones: of('audioinput') }
}

function open(source: CaptureSource): Promise<OpenedSource> {
  switch (source.kind) {
    case 'camera':
      return openCamera(source)
    case 'screen':
      return openScreen()
    case 'file':
      return openFile(source)
    case 'test-pattern':
      return openTestPattern(source)
  }
}

async function openCamera(source: CameraSource): Promise<OpenedSource> {
  const { videoDeviceId, audioDeviceId } = await withoutMissing(source)
  const pick = (id: string | undefined) => (id === undefined ? {} : { deviceId: { exact: id } })
  const video = videoDeviceId === false ? false : { ...WANTED, ...pick(videoDeviceId) }
  const audio = audioDeviceId === false ? false : { ...pick(audioDeviceId) }
  const devices = [...(video === false ? [] : ['camera']), ...(audio === false ? [] : ['microphone'])]
  const what = devices.join(' and ')
  if (what === '')
    throw new EngineError('no-camera', 'Neither camera nor microphone was chosen. Choose at least one.')
  try {
    return opened(await required(mediaDevices()).getUserMedia({ video, audio }))
  } catch (error) {
    throw deviceError(error, what)
  }
}

/** A machine with a camera and no microphone, or the other way round, gives what it has. */
async function withoutMissing(source: CameraSource): Promise<CameraSource> {
  const { cameras, microphones } = await listDevices()
  if (cameras.length > 0 && microphones.length === 0) return { audioDeviceId: false, ...source }
  if (cameras.length === 0 && microphones.length > 0) return { videoDeviceId: false, ...source }
  return source
}

async function openScreen(): Promise<OpenedSource> {
  try {
    return opened(await required(mediaDevices()).getDisplayMedia({ video: WANTED, audio: true }))
  } catch (error) {
    throw deviceError(error, 'screen')
  }
}

function opened(stream: MediaStream): OpenedSource {
  return {
    stream,
    close() {
      for (const track of stream.getTracks()) track.stop()
    },
  }
}

/** Absent in browsers without capture, whatever the types say. */
function mediaDevices(): MediaDevices | undefined {
  return navigator.mediaDevices
}

function required(devices: MediaDevices | undefined): MediaDevices {
  if (devices === undefined) throw new DOMException('no devices', 'NotFoundError')
  return devices
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new EngineError('closed', 'Opening the source was cancelled.', { cause: signal.reason })
}
