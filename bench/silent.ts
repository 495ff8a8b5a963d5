import type { Logger } from '../client/engine/ports.ts'

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }
