/** Capture and play-out for browsers (`vilokanam/media`): what feeds a Broadcaster, and what shows a Viewer's frames. */
export {
  type CaptureOptions,
  type CaptureProducer,
  type CaptureSource,
  createCaptureProducer,
  listDevices,
  openSource,
} from './capture.ts'
export { Player } from './player.ts'
