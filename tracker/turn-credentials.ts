import { createHmac } from 'node:crypto'
import type { PeerId } from '../shared/protocol/ids.ts'
import type { IceServer } from '../shared/protocol/room-message.ts'

/** Long enough to connect and move once; coturn keeps an allocation alive past it (draft-uberti-behave-turn-rest-00). */
const CREDENTIAL_VALID_S = 600

export type TurnOptions = {
  /** `turn:host:3478?transport=udp` and the like. */
  readonly urls: readonly string[]
  /** coturn's `static-auth-secret`. */
  readonly secret: string
}

/** A TURN server that this peer, and nobody else, may use for 10 min. */
export function turnServer(turn: TurnOptions, peer: PeerId, wallMs: number): IceServer {
  const username = `${Math.floor(wallMs / 1_000) + CREDENTIAL_VALID_S}:${peer}`
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64')
  return { urls: turn.urls, username, credential }
}
