/* eslint-disable import/export */
/* eslint-disable complexity */
/* eslint-disable @typescript-eslint/no-namespace */
/* eslint-disable @typescript-eslint/no-unnecessary-boolean-literal-compare */
/* eslint-disable @typescript-eslint/no-empty-interface */
/* eslint-disable import/consistent-type-specifier-style */
/* eslint-disable @typescript-eslint/no-unused-vars */

import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface PeerFrame {
  hello?: Hello
  attach?: Attach
  accept?: Accept
  refuse?: Refuse
  have?: Have
  pull?: Pull
  path?: Path
  stalled?: Stalled
  feedback?: Feedback
  handOver?: HandOver
  leave?: Leave
  up?: Up
  down?: Down
  peerRecords?: PeerRecords
  ping?: Ping
  pong?: Pong
  ack?: Ack
  announce?: Announce
}

export namespace PeerFrame {
  let _codec: Codec<PeerFrame>

  export const codec = (): Codec<PeerFrame> => {
    if (_codec == null) {
      _codec = message<PeerFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.announce != null) {
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.ack != null) {
          obj.announce = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.pong != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.ping != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.peerRecords != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.down != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.up != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.leave != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.handOver != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.feedback != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.stalled != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.path != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.pull != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.have != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.refuse != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.accept = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.accept != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.attach = undefined
          obj.hello = undefined
        }

        if (obj.attach != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.hello = undefined
        }

        if (obj.hello != null) {
          obj.announce = undefined
          obj.ack = undefined
          obj.pong = undefined
          obj.ping = undefined
          obj.peerRecords = undefined
          obj.down = undefined
          obj.up = undefined
          obj.leave = undefined
          obj.handOver = undefined
          obj.feedback = undefined
          obj.stalled = undefined
          obj.path = undefined
          obj.pull = undefined
          obj.have = undefined
          obj.refuse = undefined
          obj.accept = undefined
          obj.attach = undefined
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.attach != null) {
          w.uint32(18)
          Attach.codec().encode(obj.attach, w)
        }

        if (obj.accept != null) {
          w.uint32(26)
          Accept.codec().encode(obj.accept, w)
        }

        if (obj.refuse != null) {
          w.uint32(34)
          Refuse.codec().encode(obj.refuse, w)
        }

        if (obj.have != null) {
          w.uint32(42)
          Have.codec().encode(obj.have, w)
        }

        if (obj.pull != null) {
          w.uint32(50)
          Pull.codec().encode(obj.pull, w)
        }

        if (obj.path != null) {
          w.uint32(58)
          Path.codec().encode(obj.path, w)
        }

        if (obj.stalled != null) {
          w.uint32(66)
          Stalled.codec().encode(obj.stalled, w)
        }

        if (obj.feedback != null) {
          w.uint32(74)
          Feedback.codec().encode(obj.feedback, w)
        }

        if (obj.handOver != null) {
          w.uint32(82)
          HandOver.codec().encode(obj.handOver, w)
        }

        if (obj.leave != null) {
          w.uint32(90)
          Leave.codec().encode(obj.leave, w)
        }

        if (obj.up != null) {
          w.uint32(98)
          Up.codec().encode(obj.up, w)
        }

        if (obj.down != null) {
          w.uint32(106)
          Down.codec().encode(obj.down, w)
        }

        if (obj.peerRecords != null) {
          w.uint32(114)
          PeerRecords.codec().encode(obj.peerRecords, w)
        }

        if (obj.ping != null) {
          w.uint32(122)
          Ping.codec().encode(obj.ping, w)
        }

        if (obj.pong != null) {
          w.uint32(130)
          Pong.codec().encode(obj.pong, w)
        }

        if (obj.ack != null) {
          w.uint32(138)
          Ack.codec().encode(obj.ack, w)
        }

        if (obj.announce != null) {
          w.uint32(146)
          Announce.codec().encode(obj.announce, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.attach = Attach.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.attach
              })
              break
            }
            case 3: {
              obj.accept = Accept.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.accept
              })
              break
            }
            case 4: {
              obj.refuse = Refuse.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.refuse
              })
              break
            }
            case 5: {
              obj.have = Have.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.have
              })
              break
            }
            case 6: {
              obj.pull = Pull.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.pull
              })
              break
            }
            case 7: {
              obj.path = Path.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.path
              })
              break
            }
            case 8: {
              obj.stalled = Stalled.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.stalled
              })
              break
            }
            case 9: {
              obj.feedback = Feedback.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.feedback
              })
              break
            }
            case 10: {
              obj.handOver = HandOver.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.handOver
              })
              break
            }
            case 11: {
              obj.leave = Leave.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leave
              })
              break
            }
            case 12: {
              obj.up = Up.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.up
              })
              break
            }
            case 13: {
              obj.down = Down.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.down
              })
              break
            }
            case 14: {
              obj.peerRecords = PeerRecords.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.peerRecords
              })
              break
            }
            case 15: {
              obj.ping = Ping.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.ping
              })
              break
            }
            case 16: {
              obj.pong = Pong.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.pong
              })
              break
            }
            case 17: {
              obj.ack = Ack.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.ack
              })
              break
            }
            case 18: {
              obj.announce = Announce.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.announce
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.announce != null) {
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.ack != null) {
          delete obj.announce
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.pong != null) {
          delete obj.announce
          delete obj.ack
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.ping != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.peerRecords != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.down != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.up != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.leave != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.handOver != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.feedback != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.stalled != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.path != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.pull != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.have != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.refuse
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.refuse != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.accept
          delete obj.attach
          delete obj.hello
        }

        if (obj.accept != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.attach
          delete obj.hello
        }

        if (obj.attach != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.hello
        }

        if (obj.hello != null) {
          delete obj.announce
          delete obj.ack
          delete obj.pong
          delete obj.ping
          delete obj.peerRecords
          delete obj.down
          delete obj.up
          delete obj.leave
          delete obj.handOver
          delete obj.feedback
          delete obj.stalled
          delete obj.path
          delete obj.pull
          delete obj.have
          delete obj.refuse
          delete obj.accept
          delete obj.attach
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<PeerFrame>): Uint8Array => {
    return encodeMessage(obj, PeerFrame.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerFrame>): PeerFrame => {
    return decodeMessage(buf, PeerFrame.codec(), opts)
  }
}

export interface Hello {
  version: number
  peer: Uint8Array
  streamId: Uint8Array
  proof: Uint8Array
}

export namespace Hello {
  let _codec: Codec<Hello>

  export const codec = (): Codec<Hello> => {
    if (_codec == null) {
      _codec = message<Hello>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.peer != null && obj.peer.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.peer)
        }

        if ((obj.streamId != null && obj.streamId.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.streamId)
        }

        if ((obj.proof != null && obj.proof.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.proof)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          peer: uint8ArrayAlloc(0),
          streamId: uint8ArrayAlloc(0),
          proof: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.peer = reader.bytes()
              break
            }
            case 3: {
              obj.streamId = reader.bytes()
              break
            }
            case 4: {
              obj.proof = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Hello>): Uint8Array => {
    return encodeMessage(obj, Hello.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Hello => {
    return decodeMessage(buf, Hello.codec(), opts)
  }
}

export interface TrackPosition {
  track: number
  seq: number
}

export namespace TrackPosition {
  let _codec: Codec<TrackPosition>

  export const codec = (): Codec<TrackPosition> => {
    if (_codec == null) {
      _codec = message<TrackPosition>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.track != null && obj.track !== 0)) {
          w.uint32(8)
          w.uint32(obj.track)
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.seq)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          track: 0,
          seq: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.track = reader.uint32()
              break
            }
            case 2: {
              obj.seq = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<TrackPosition>): Uint8Array => {
    return encodeMessage(obj, TrackPosition.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<TrackPosition>): TrackPosition => {
    return decodeMessage(buf, TrackPosition.codec(), opts)
  }
}

export interface Attach {
  role: Attach.Role
  tracks: number[]
  slots: number
  subtree: number
  resume: TrackPosition[]
  orphan: boolean
  chain: Uint8Array
}

export namespace Attach {
  export enum Role {
    CHILD = 'CHILD',
    WARM = 'WARM'
  }

  enum __RoleValues {
    CHILD = 0,
    WARM = 1
  }

  export namespace Role {
    export const codec = (): Codec<Role> => {
      return enumeration<Role>(__RoleValues)
    }
  }

  let _codec: Codec<Attach>

  export const codec = (): Codec<Attach> => {
    if (_codec == null) {
      _codec = message<Attach>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.role != null && __RoleValues[obj.role] !== 0) {
          w.uint32(8)
          Attach.Role.codec().encode(obj.role, w)
        }

        if (obj.tracks != null) {
          for (const value of obj.tracks) {
            w.uint32(16)
            w.uint32(value)
          }
        }

        if ((obj.slots != null && obj.slots !== 0)) {
          w.uint32(24)
          w.uint32(obj.slots)
        }

        if ((obj.subtree != null && obj.subtree !== 0)) {
          w.uint32(32)
          w.uint32(obj.subtree)
        }

        if (obj.resume != null) {
          for (const value of obj.resume) {
            w.uint32(42)
            TrackPosition.codec().encode(value, w)
          }
        }

        if ((obj.orphan != null && obj.orphan !== false)) {
          w.uint32(48)
          w.bool(obj.orphan)
        }

        if ((obj.chain != null && obj.chain.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.chain)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          role: Role.CHILD,
          tracks: [],
          slots: 0,
          subtree: 0,
          resume: [],
          orphan: false,
          chain: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.role = Attach.Role.codec().decode(reader)
              break
            }
            case 2: {
              if (opts.limits?.tracks != null && obj.tracks.length === opts.limits.tracks) {
                throw new MaxLengthError('Decode error - map field "tracks" had too many elements')
              }

              if (obj.tracks.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "tracks" had too many elements')
              }

              obj.tracks.push(reader.uint32())
              break
            }
            case 3: {
              obj.slots = reader.uint32()
              break
            }
            case 4: {
              obj.subtree = reader.uint32()
              break
            }
            case 5: {
              if (opts.limits?.resume != null && obj.resume.length === opts.limits.resume) {
                throw new MaxLengthError('Decode error - map field "resume" had too many elements')
              }

              if (obj.resume.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "resume" had too many elements')
              }

              obj.resume.push(TrackPosition.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.resume$
              }))
              break
            }
            case 6: {
              obj.orphan = reader.bool()
              break
            }
            case 7: {
              obj.chain = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Attach>): Uint8Array => {
    return encodeMessage(obj, Attach.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Attach>): Attach => {
    return decodeMessage(buf, Attach.codec(), opts)
  }
}

export interface Accept {
  edge: Uint8Array
  chain: Uint8Array
}

export namespace Accept {
  let _codec: Codec<Accept>

  export const codec = (): Codec<Accept> => {
    if (_codec == null) {
      _codec = message<Accept>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.edge != null && obj.edge.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.edge)
        }

        if ((obj.chain != null && obj.chain.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.chain)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          edge: uint8ArrayAlloc(0),
          chain: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.edge = reader.bytes()
              break
            }
            case 2: {
              obj.chain = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Accept>): Uint8Array => {
    return encodeMessage(obj, Accept.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Accept>): Accept => {
    return decodeMessage(buf, Accept.codec(), opts)
  }
}

export interface Alternative {
  peer: Uint8Array
  depth: number
}

export namespace Alternative {
  let _codec: Codec<Alternative>

  export const codec = (): Codec<Alternative> => {
    if (_codec == null) {
      _codec = message<Alternative>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peer != null && obj.peer.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.peer)
        }

        if ((obj.depth != null && obj.depth !== 0)) {
          w.uint32(16)
          w.uint32(obj.depth)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: uint8ArrayAlloc(0),
          depth: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peer = reader.bytes()
              break
            }
            case 2: {
              obj.depth = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Alternative>): Uint8Array => {
    return encodeMessage(obj, Alternative.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Alternative>): Alternative => {
    return decodeMessage(buf, Alternative.codec(), opts)
  }
}

export interface Refuse {
  code: number
  alternatives: Alternative[]
}

export namespace Refuse {
  let _codec: Codec<Refuse>

  export const codec = (): Codec<Refuse> => {
    if (_codec == null) {
      _codec = message<Refuse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== 0)) {
          w.uint32(8)
          w.uint32(obj.code)
        }

        if (obj.alternatives != null) {
          for (const value of obj.alternatives) {
            w.uint32(18)
            Alternative.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: 0,
          alternatives: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.alternatives != null && obj.alternatives.length === opts.limits.alternatives) {
                throw new MaxLengthError('Decode error - map field "alternatives" had too many elements')
              }

              if (obj.alternatives.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "alternatives" had too many elements')
              }

              obj.alternatives.push(Alternative.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.alternatives$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Refuse>): Uint8Array => {
    return encodeMessage(obj, Refuse.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Refuse>): Refuse => {
    return decodeMessage(buf, Refuse.codec(), opts)
  }
}

export interface SeqRange {
  track: number
  from: number
  to: number
}

export namespace SeqRange {
  let _codec: Codec<SeqRange>

  export const codec = (): Codec<SeqRange> => {
    if (_codec == null) {
      _codec = message<SeqRange>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.track != null && obj.track !== 0)) {
          w.uint32(8)
          w.uint32(obj.track)
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.from)
        }

        if ((obj.to != null && obj.to !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.to)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          track: 0,
          from: 0,
          to: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.track = reader.uint32()
              break
            }
            case 2: {
              obj.from = reader.uint64Number()
              break
            }
            case 3: {
              obj.to = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<SeqRange>): Uint8Array => {
    return encodeMessage(obj, SeqRange.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SeqRange>): SeqRange => {
    return decodeMessage(buf, SeqRange.codec(), opts)
  }
}

export interface Have {
  ranges: SeqRange[]
}

export namespace Have {
  let _codec: Codec<Have>

  export const codec = (): Codec<Have> => {
    if (_codec == null) {
      _codec = message<Have>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.ranges != null) {
          for (const value of obj.ranges) {
            w.uint32(10)
            SeqRange.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ranges: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.ranges != null && obj.ranges.length === opts.limits.ranges) {
                throw new MaxLengthError('Decode error - map field "ranges" had too many elements')
              }

              if (obj.ranges.length === 64) {
                throw new MaxLengthError('Decode error - repeated field "ranges" had too many elements')
              }

              obj.ranges.push(SeqRange.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.ranges$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Have>): Uint8Array => {
    return encodeMessage(obj, Have.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Have>): Have => {
    return decodeMessage(buf, Have.codec(), opts)
  }
}

export interface PullItem {
  track: number
  seq: number
  parts: number[]
}

export namespace PullItem {
  let _codec: Codec<PullItem>

  export const codec = (): Codec<PullItem> => {
    if (_codec == null) {
      _codec = message<PullItem>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.track != null && obj.track !== 0)) {
          w.uint32(8)
          w.uint32(obj.track)
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.seq)
        }

        if (obj.parts != null) {
          for (const value of obj.parts) {
            w.uint32(24)
            w.uint32(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          track: 0,
          seq: 0,
          parts: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.track = reader.uint32()
              break
            }
            case 2: {
              obj.seq = reader.uint64Number()
              break
            }
            case 3: {
              if (opts.limits?.parts != null && obj.parts.length === opts.limits.parts) {
                throw new MaxLengthError('Decode error - map field "parts" had too many elements')
              }

              if (obj.parts.length === 256) {
                throw new MaxLengthError('Decode error - repeated field "parts" had too many elements')
              }

              obj.parts.push(reader.uint32())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<PullItem>): Uint8Array => {
    return encodeMessage(obj, PullItem.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PullItem>): PullItem => {
    return decodeMessage(buf, PullItem.codec(), opts)
  }
}

export interface Pull {
  items: PullItem[]
  deadlineMs: number
}

export namespace Pull {
  let _codec: Codec<Pull>

  export const codec = (): Codec<Pull> => {
    if (_codec == null) {
      _codec = message<Pull>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.items != null) {
          for (const value of obj.items) {
            w.uint32(10)
            PullItem.codec().encode(value, w)
          }
        }

        if ((obj.deadlineMs != null && obj.deadlineMs !== 0)) {
          w.uint32(16)
          w.uint32(obj.deadlineMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          items: [],
          deadlineMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.items != null && obj.items.length === opts.limits.items) {
                throw new MaxLengthError('Decode error - map field "items" had too many elements')
              }

              if (obj.items.length === 64) {
                throw new MaxLengthError('Decode error - repeated field "items" had too many elements')
              }

              obj.items.push(PullItem.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.items$
              }))
              break
            }
            case 2: {
              obj.deadlineMs = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Pull>): Uint8Array => {
    return encodeMessage(obj, Pull.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Pull>): Pull => {
    return decodeMessage(buf, Pull.codec(), opts)
  }
}

export interface Path {
  edge: Uint8Array
  chain: Uint8Array
}

export namespace Path {
  let _codec: Codec<Path>

  export const codec = (): Codec<Path> => {
    if (_codec == null) {
      _codec = message<Path>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.edge != null && obj.edge.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.edge)
        }

        if ((obj.chain != null && obj.chain.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.chain)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          edge: uint8ArrayAlloc(0),
          chain: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.edge = reader.bytes()
              break
            }
            case 2: {
              obj.chain = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Path>): Uint8Array => {
    return encodeMessage(obj, Path.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Path>): Path => {
    return decodeMessage(buf, Path.codec(), opts)
  }
}

export interface Stalled {
  newest: TrackPosition[]
}

export namespace Stalled {
  let _codec: Codec<Stalled>

  export const codec = (): Codec<Stalled> => {
    if (_codec == null) {
      _codec = message<Stalled>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.newest != null) {
          for (const value of obj.newest) {
            w.uint32(10)
            TrackPosition.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          newest: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.newest != null && obj.newest.length === opts.limits.newest) {
                throw new MaxLengthError('Decode error - map field "newest" had too many elements')
              }

              if (obj.newest.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "newest" had too many elements')
              }

              obj.newest.push(TrackPosition.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.newest$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Stalled>): Uint8Array => {
    return encodeMessage(obj, Stalled.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Stalled>): Stalled => {
    return decodeMessage(buf, Stalled.codec(), opts)
  }
}

export interface Feedback {
  received: number
  queueDelayMs: number
  drops: number
  slots: number
  subtree: number
}

export namespace Feedback {
  let _codec: Codec<Feedback>

  export const codec = (): Codec<Feedback> => {
    if (_codec == null) {
      _codec = message<Feedback>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.received != null && obj.received !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.received)
        }

        if ((obj.queueDelayMs != null && obj.queueDelayMs !== 0)) {
          w.uint32(16)
          w.uint32(obj.queueDelayMs)
        }

        if ((obj.drops != null && obj.drops !== 0)) {
          w.uint32(24)
          w.uint32(obj.drops)
        }

        if ((obj.slots != null && obj.slots !== 0)) {
          w.uint32(32)
          w.uint32(obj.slots)
        }

        if ((obj.subtree != null && obj.subtree !== 0)) {
          w.uint32(40)
          w.uint32(obj.subtree)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          received: 0,
          queueDelayMs: 0,
          drops: 0,
          slots: 0,
          subtree: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.received = reader.uint64Number()
              break
            }
            case 2: {
              obj.queueDelayMs = reader.uint32()
              break
            }
            case 3: {
              obj.drops = reader.uint32()
              break
            }
            case 4: {
              obj.slots = reader.uint32()
              break
            }
            case 5: {
              obj.subtree = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Feedback>): Uint8Array => {
    return encodeMessage(obj, Feedback.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Feedback>): Feedback => {
    return decodeMessage(buf, Feedback.codec(), opts)
  }
}

export interface HandOver {
  to: Alternative[]
  withinMs: number
}

export namespace HandOver {
  let _codec: Codec<HandOver>

  export const codec = (): Codec<HandOver> => {
    if (_codec == null) {
      _codec = message<HandOver>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.to != null) {
          for (const value of obj.to) {
            w.uint32(10)
            Alternative.codec().encode(value, w)
          }
        }

        if ((obj.withinMs != null && obj.withinMs !== 0)) {
          w.uint32(16)
          w.uint32(obj.withinMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          to: [],
          withinMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.to != null && obj.to.length === opts.limits.to) {
                throw new MaxLengthError('Decode error - map field "to" had too many elements')
              }

              if (obj.to.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "to" had too many elements')
              }

              obj.to.push(Alternative.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.to$
              }))
              break
            }
            case 2: {
              obj.withinMs = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<HandOver>): Uint8Array => {
    return encodeMessage(obj, HandOver.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HandOver>): HandOver => {
    return decodeMessage(buf, HandOver.codec(), opts)
  }
}

export interface Leave {
  code: number
}

export namespace Leave {
  let _codec: Codec<Leave>

  export const codec = (): Codec<Leave> => {
    if (_codec == null) {
      _codec = message<Leave>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== 0)) {
          w.uint32(8)
          w.uint32(obj.code)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Leave>): Uint8Array => {
    return encodeMessage(obj, Leave.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Leave>): Leave => {
    return decodeMessage(buf, Leave.codec(), opts)
  }
}

export interface Up {
  origin: Uint8Array
  counter: number
  body: Uint8Array
  signature: Uint8Array
}

export namespace Up {
  let _codec: Codec<Up>

  export const codec = (): Codec<Up> => {
    if (_codec == null) {
      _codec = message<Up>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.origin != null && obj.origin.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.origin)
        }

        if ((obj.counter != null && obj.counter !== 0)) {
          w.uint32(16)
          w.uint32(obj.counter)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.body)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          origin: uint8ArrayAlloc(0),
          counter: 0,
          body: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.origin = reader.bytes()
              break
            }
            case 2: {
              obj.counter = reader.uint32()
              break
            }
            case 3: {
              obj.body = reader.bytes()
              break
            }
            case 4: {
              obj.signature = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Up>): Uint8Array => {
    return encodeMessage(obj, Up.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Up>): Up => {
    return decodeMessage(buf, Up.codec(), opts)
  }
}

export interface Down {
  target: Uint8Array
  counter: number
  body: Uint8Array
}

export namespace Down {
  let _codec: Codec<Down>

  export const codec = (): Codec<Down> => {
    if (_codec == null) {
      _codec = message<Down>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.target != null && obj.target.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.target)
        }

        if ((obj.counter != null && obj.counter !== 0)) {
          w.uint32(16)
          w.uint32(obj.counter)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.body)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          target: uint8ArrayAlloc(0),
          counter: 0,
          body: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.target = reader.bytes()
              break
            }
            case 2: {
              obj.counter = reader.uint32()
              break
            }
            case 3: {
              obj.body = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Down>): Uint8Array => {
    return encodeMessage(obj, Down.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Down>): Down => {
    return decodeMessage(buf, Down.codec(), opts)
  }
}

export interface PeerRecords {
  records: SignedPeerRecord[]
}

export namespace PeerRecords {
  let _codec: Codec<PeerRecords>

  export const codec = (): Codec<PeerRecords> => {
    if (_codec == null) {
      _codec = message<PeerRecords>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.records != null) {
          for (const value of obj.records) {
            w.uint32(10)
            SignedPeerRecord.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          records: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.records != null && obj.records.length === opts.limits.records) {
                throw new MaxLengthError('Decode error - map field "records" had too many elements')
              }

              if (obj.records.length === 16) {
                throw new MaxLengthError('Decode error - repeated field "records" had too many elements')
              }

              obj.records.push(SignedPeerRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.records$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<PeerRecords>): Uint8Array => {
    return encodeMessage(obj, PeerRecords.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerRecords>): PeerRecords => {
    return decodeMessage(buf, PeerRecords.codec(), opts)
  }
}

export interface SignedPeerRecord {
  payload: Uint8Array
  signature: Uint8Array
}

export namespace SignedPeerRecord {
  let _codec: Codec<SignedPeerRecord>

  export const codec = (): Codec<SignedPeerRecord> => {
    if (_codec == null) {
      _codec = message<SignedPeerRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.payload)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          payload: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.payload = reader.bytes()
              break
            }
            case 2: {
              obj.signature = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<SignedPeerRecord>): Uint8Array => {
    return encodeMessage(obj, SignedPeerRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedPeerRecord>): SignedPeerRecord => {
    return decodeMessage(buf, SignedPeerRecord.codec(), opts)
  }
}

export interface Ping {
  nonce: number
}

export namespace Ping {
  let _codec: Codec<Ping>

  export const codec = (): Codec<Ping> => {
    if (_codec == null) {
      _codec = message<Ping>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.nonce != null && obj.nonce !== 0)) {
          w.uint32(8)
          w.uint32(obj.nonce)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          nonce: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.nonce = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Ping>): Uint8Array => {
    return encodeMessage(obj, Ping.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ping>): Ping => {
    return decodeMessage(buf, Ping.codec(), opts)
  }
}

export interface Pong {
  nonce: number
}

export namespace Pong {
  let _codec: Codec<Pong>

  export const codec = (): Codec<Pong> => {
    if (_codec == null) {
      _codec = message<Pong>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.nonce != null && obj.nonce !== 0)) {
          w.uint32(8)
          w.uint32(obj.nonce)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          nonce: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.nonce = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Pong>): Uint8Array => {
    return encodeMessage(obj, Pong.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Pong>): Pong => {
    return decodeMessage(buf, Pong.codec(), opts)
  }
}

export interface Ack {
  media: number
  repair: number
}

export namespace Ack {
  let _codec: Codec<Ack>

  export const codec = (): Codec<Ack> => {
    if (_codec == null) {
      _codec = message<Ack>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.media != null && obj.media !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.media)
        }

        if ((obj.repair != null && obj.repair !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.repair)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          media: 0,
          repair: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.media = reader.uint64Number()
              break
            }
            case 2: {
              obj.repair = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Ack>): Uint8Array => {
    return encodeMessage(obj, Ack.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ack>): Ack => {
    return decodeMessage(buf, Ack.codec(), opts)
  }
}

export interface Announce {
  record: Uint8Array
}

export namespace Announce {
  let _codec: Codec<Announce>

  export const codec = (): Codec<Announce> => {
    if (_codec == null) {
      _codec = message<Announce>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.record != null && obj.record.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.record)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          record: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.record = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<Announce>): Uint8Array => {
    return encodeMessage(obj, Announce.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Announce>): Announce => {
    return decodeMessage(buf, Announce.codec(), opts)
  }
}
