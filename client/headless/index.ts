/** Headless peers as a library (`vilokanam/node`): the engine's classes take what createNodeDeps returns. */

export { createFileProducer, FileProducer, type FileProducerOptions } from './file-producer.ts'
export { loadAccount } from './key-file.ts'
export type { SourceLocation } from './media-source.ts'
export { createNodeDeps, type NodeDepsOptions } from './node-deps.ts'
export { SourceError, type SourceFault, type SourceNotice } from './source-error.ts'
export { resolveTrackers, type TrackerAddresses, watchUrl } from './tracker-address.ts'
