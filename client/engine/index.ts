/** The engine as a library: the same classes in browser and Node; hosts supply EngineDeps. */

export { type PeerId, parseStreamId, type StreamId } from '../../shared/protocol/ids.ts'
export type { Manifest, Track } from '../../shared/protocol/manifest.ts'
export { Broadcaster, type BroadcasterOptions } from './broadcaster.ts'
export { consoleLogger, type LogLevel } from './console-logger.ts'
export type { CreatorAccess } from './creator-access.ts'
export {
  type CreatorStreamKeeper,
  type CreatorStreamState,
  RESUME_WITHIN_MS,
  type StoredCreatorStream,
} from './creator-stream.ts'
export { EngineError, type EngineErrorCode } from './engine-error.ts'
export type {
  AccessState,
  BroadcasterEvents,
  BroadcasterState,
  EncodedFrame,
  FrameProducer,
  LinkInfo,
  MeshStats,
  ReceivedFrame,
  StreamInfo,
  ViewerEvents,
  ViewerState,
} from './events.ts'
export type { Clock, EngineDeps, Logger, PeerConnectionFactory, TrackerPort } from './ports.ts'
export { Relay, type RelayOptions } from './relay.ts'
export type { StreamPrice } from './stream-manifest.ts'
export type { JoinOptions } from './stream-member.ts'
export type { ResumeStreamOptions, StartStreamOptions } from './stream-opening.ts'
export type { UpVia } from './up-down.ts'
export { Viewer, type ViewerOptions } from './viewer.ts'
export type { UnlockOptions, ViewerAccessParts } from './viewer-access.ts'
