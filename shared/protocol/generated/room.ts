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

export interface ToTracker {
  join?: Join
  update?: Update
  findParents?: FindParents
  signal?: RelaySignal
  leave?: LeaveRoom
  announce?: PublishAnnouncement
  putPicture?: PutPicture
  getPicture?: GetPicture
}

export namespace ToTracker {
  let _codec: Codec<ToTracker>

  export const codec = (): Codec<ToTracker> => {
    if (_codec == null) {
      _codec = message<ToTracker>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.getPicture != null) {
          obj.putPicture = undefined
          obj.announce = undefined
          obj.leave = undefined
          obj.signal = undefined
          obj.findParents = undefined
          obj.update = undefined
          obj.join = undefined
        }

        if (obj.putPicture != null) {
          obj.getPicture = undefined
          obj.announce = undefined
          obj.leave = undefined
          obj.signal = undefined
          obj.findParents = undefined
          obj.update = undefined
          obj.join = undefined
        }

        if (obj.announce != null) {
          obj.getPicture = undefined
          obj.putPicture = undefined
          obj.leave = undefined
          obj.signal = undefined
          obj.findParents = undefined
          obj.update = undefined
          obj.join = undefined
        }

        if (obj.leave != null) {
          obj.getPicture = undefined
          obj.putPicture = undefined
          obj.announce = undefined
          obj.signal = undefined
          obj.findParents = undefined
          obj.update = undefined
          obj.join = undefined
        }

        if (obj.signal != null) {
          obj.getPicture = undefined
          obj.putPicture = undefined
          obj.announce = undefined
          obj.leave = undefined
          obj.findParents = undefined
          obj.update = undefined
          obj.join = undefined
        }

        if (obj.findParents != null) {
          obj.getPicture = undefined
          obj.putPicture = undefined
          obj.announce = undefined
          obj.leave = undefined
          obj.signal = undefined
          obj.update = undefined
          obj.join = undefined
        }

        if (obj.update != null) {
          obj.getPicture = undefined
          obj.putPicture = undefined
          obj.announce = undefined
          obj.leave = undefined
          obj.signal = undefined
          obj.findParents = undefined
          obj.join = undefined
        }

        if (obj.join != null) {
          obj.getPicture = undefined
          obj.putPicture = undefined
          obj.announce = undefined
          obj.leave = undefined
          obj.signal = undefined
          obj.findParents = undefined
          obj.update = undefined
        }

        if (obj.join != null) {
          w.uint32(10)
          Join.codec().encode(obj.join, w)
        }

        if (obj.update != null) {
          w.uint32(18)
          Update.codec().encode(obj.update, w)
        }

        if (obj.findParents != null) {
          w.uint32(26)
          FindParents.codec().encode(obj.findParents, w)
        }

        if (obj.signal != null) {
          w.uint32(34)
          RelaySignal.codec().encode(obj.signal, w)
        }

        if (obj.leave != null) {
          w.uint32(42)
          LeaveRoom.codec().encode(obj.leave, w)
        }

        if (obj.announce != null) {
          w.uint32(50)
          PublishAnnouncement.codec().encode(obj.announce, w)
        }

        if (obj.putPicture != null) {
          w.uint32(58)
          PutPicture.codec().encode(obj.putPicture, w)
        }

        if (obj.getPicture != null) {
          w.uint32(66)
          GetPicture.codec().encode(obj.getPicture, w)
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
              obj.join = Join.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.join
              })
              break
            }
            case 2: {
              obj.update = Update.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.update
              })
              break
            }
            case 3: {
              obj.findParents = FindParents.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.findParents
              })
              break
            }
            case 4: {
              obj.signal = RelaySignal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.signal
              })
              break
            }
            case 5: {
              obj.leave = LeaveRoom.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leave
              })
              break
            }
            case 6: {
              obj.announce = PublishAnnouncement.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.announce
              })
              break
            }
            case 7: {
              obj.putPicture = PutPicture.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.putPicture
              })
              break
            }
            case 8: {
              obj.getPicture = GetPicture.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.getPicture
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.getPicture != null) {
          delete obj.putPicture
          delete obj.announce
          delete obj.leave
          delete obj.signal
          delete obj.findParents
          delete obj.update
          delete obj.join
        }

        if (obj.putPicture != null) {
          delete obj.getPicture
          delete obj.announce
          delete obj.leave
          delete obj.signal
          delete obj.findParents
          delete obj.update
          delete obj.join
        }

        if (obj.announce != null) {
          delete obj.getPicture
          delete obj.putPicture
          delete obj.leave
          delete obj.signal
          delete obj.findParents
          delete obj.update
          delete obj.join
        }

        if (obj.leave != null) {
          delete obj.getPicture
          delete obj.putPicture
          delete obj.announce
          delete obj.signal
          delete obj.findParents
          delete obj.update
          delete obj.join
        }

        if (obj.signal != null) {
          delete obj.getPicture
          delete obj.putPicture
          delete obj.announce
          delete obj.leave
          delete obj.findParents
          delete obj.update
          delete obj.join
        }

        if (obj.findParents != null) {
          delete obj.getPicture
          delete obj.putPicture
          delete obj.announce
          delete obj.leave
          delete obj.signal
          delete obj.update
          delete obj.join
        }

        if (obj.update != null) {
          delete obj.getPicture
          delete obj.putPicture
          delete obj.announce
          delete obj.leave
          delete obj.signal
          delete obj.findParents
          delete obj.join
        }

        if (obj.join != null) {
          delete obj.getPicture
          delete obj.putPicture
          delete obj.announce
          delete obj.leave
          delete obj.signal
          delete obj.findParents
          delete obj.update
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<ToTracker>): Uint8Array => {
    return encodeMessage(obj, ToTracker.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ToTracker>): ToTracker => {
    return decodeMessage(buf, ToTracker.codec(), opts)
  }
}

export interface FromTracker {
  joined?: Joined
  candidates?: Candidates
  signal?: RelaySignal
  stats?: RoomStats
  refused?: Refused
  announce?: PublishAnnouncement
  picture?: Picture
}

export namespace FromTracker {
  let _codec: Codec<FromTracker>

  export const codec = (): Codec<FromTracker> => {
    if (_codec == null) {
      _codec = message<FromTracker>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.picture != null) {
          obj.announce = undefined
          obj.refused = undefined
          obj.stats = undefined
          obj.signal = undefined
          obj.candidates = undefined
          obj.joined = undefined
        }

        if (obj.announce != null) {
          obj.picture = undefined
          obj.refused = undefined
          obj.stats = undefined
          obj.signal = undefined
          obj.candidates = undefined
          obj.joined = undefined
        }

        if (obj.refused != null) {
          obj.picture = undefined
          obj.announce = undefined
          obj.stats = undefined
          obj.signal = undefined
          obj.candidates = undefined
          obj.joined = undefined
        }

        if (obj.stats != null) {
          obj.picture = undefined
          obj.announce = undefined
          obj.refused = undefined
          obj.signal = undefined
          obj.candidates = undefined
          obj.joined = undefined
        }

        if (obj.signal != null) {
          obj.picture = undefined
          obj.announce = undefined
          obj.refused = undefined
          obj.stats = undefined
          obj.candidates = undefined
          obj.joined = undefined
        }

        if (obj.candidates != null) {
          obj.picture = undefined
          obj.announce = undefined
          obj.refused = undefined
          obj.stats = undefined
          obj.signal = undefined
          obj.joined = undefined
        }

        if (obj.joined != null) {
          obj.picture = undefined
          obj.announce = undefined
          obj.refused = undefined
          obj.stats = undefined
          obj.signal = undefined
          obj.candidates = undefined
        }

        if (obj.joined != null) {
          w.uint32(10)
          Joined.codec().encode(obj.joined, w)
        }

        if (obj.candidates != null) {
          w.uint32(18)
          Candidates.codec().encode(obj.candidates, w)
        }

        if (obj.signal != null) {
          w.uint32(26)
          RelaySignal.codec().encode(obj.signal, w)
        }

        if (obj.stats != null) {
          w.uint32(34)
          RoomStats.codec().encode(obj.stats, w)
        }

        if (obj.refused != null) {
          w.uint32(42)
          Refused.codec().encode(obj.refused, w)
        }

        if (obj.announce != null) {
          w.uint32(50)
          PublishAnnouncement.codec().encode(obj.announce, w)
        }

        if (obj.picture != null) {
          w.uint32(58)
          Picture.codec().encode(obj.picture, w)
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
              obj.joined = Joined.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.joined
              })
              break
            }
            case 2: {
              obj.candidates = Candidates.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.candidates
              })
              break
            }
            case 3: {
              obj.signal = RelaySignal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.signal
              })
              break
            }
            case 4: {
              obj.stats = RoomStats.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.stats
              })
              break
            }
            case 5: {
              obj.refused = Refused.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.refused
              })
              break
            }
            case 6: {
              obj.announce = PublishAnnouncement.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.announce
              })
              break
            }
            case 7: {
              obj.picture = Picture.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.picture
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.picture != null) {
          delete obj.announce
          delete obj.refused
          delete obj.stats
          delete obj.signal
          delete obj.candidates
          delete obj.joined
        }

        if (obj.announce != null) {
          delete obj.picture
          delete obj.refused
          delete obj.stats
          delete obj.signal
          delete obj.candidates
          delete obj.joined
        }

        if (obj.refused != null) {
          delete obj.picture
          delete obj.announce
          delete obj.stats
          delete obj.signal
          delete obj.candidates
          delete obj.joined
        }

        if (obj.stats != null) {
          delete obj.picture
          delete obj.announce
          delete obj.refused
          delete obj.signal
          delete obj.candidates
          delete obj.joined
        }

        if (obj.signal != null) {
          delete obj.picture
          delete obj.announce
          delete obj.refused
          delete obj.stats
          delete obj.candidates
          delete obj.joined
        }

        if (obj.candidates != null) {
          delete obj.picture
          delete obj.announce
          delete obj.refused
          delete obj.stats
          delete obj.signal
          delete obj.joined
        }

        if (obj.joined != null) {
          delete obj.picture
          delete obj.announce
          delete obj.refused
          delete obj.stats
          delete obj.signal
          delete obj.candidates
        }

        return obj
      })
    }

    return _codec
  }

  export const encode = (obj: Partial<FromTracker>): Uint8Array => {
    return encodeMessage(obj, FromTracker.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FromTracker>): FromTracker => {
    return decodeMessage(buf, FromTracker.codec(), opts)
  }
}

export interface Join {
  streamId: Uint8Array
  role: Join.Role
  tracks: number[]
  natClass: Join.NatClass
  rttMs: number
  slots: number
  chain: Uint8Array
  announcement: Uint8Array
}

export namespace Join {
  export enum Role {
    VIEWER = 'VIEWER',
    RELAY = 'RELAY',
    CREATOR = 'CREATOR'
  }

  enum __RoleValues {
    VIEWER = 0,
    RELAY = 1,
    CREATOR = 2
  }

  export namespace Role {
    export const codec = (): Codec<Role> => {
      return enumeration<Role>(__RoleValues)
    }
  }

  export enum NatClass {
    UNKNOWN = 'UNKNOWN',
    OPEN = 'OPEN',
    CONE = 'CONE',
    SYMMETRIC = 'SYMMETRIC'
  }

  enum __NatClassValues {
    UNKNOWN = 0,
    OPEN = 1,
    CONE = 2,
    SYMMETRIC = 3
  }

  export namespace NatClass {
    export const codec = (): Codec<NatClass> => {
      return enumeration<NatClass>(__NatClassValues)
    }
  }

  let _codec: Codec<Join>

  export const codec = (): Codec<Join> => {
    if (_codec == null) {
      _codec = message<Join>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.streamId != null && obj.streamId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.streamId)
        }

        if (obj.role != null && __RoleValues[obj.role] !== 0) {
          w.uint32(16)
          Join.Role.codec().encode(obj.role, w)
        }

        if (obj.tracks != null) {
          for (const value of obj.tracks) {
            w.uint32(24)
            w.uint32(value)
          }
        }

        if (obj.natClass != null && __NatClassValues[obj.natClass] !== 0) {
          w.uint32(32)
          Join.NatClass.codec().encode(obj.natClass, w)
        }

        if ((obj.rttMs != null && obj.rttMs !== 0)) {
          w.uint32(40)
          w.uint32(obj.rttMs)
        }

        if ((obj.slots != null && obj.slots !== 0)) {
          w.uint32(48)
          w.uint32(obj.slots)
        }

        if ((obj.chain != null && obj.chain.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.chain)
        }

        if ((obj.announcement != null && obj.announcement.byteLength > 0)) {
          w.uint32(66)
          w.bytes(obj.announcement)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          streamId: uint8ArrayAlloc(0),
          role: Role.VIEWER,
          tracks: [],
          natClass: NatClass.UNKNOWN,
          rttMs: 0,
          slots: 0,
          chain: uint8ArrayAlloc(0),
          announcement: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.streamId = reader.bytes()
              break
            }
            case 2: {
              obj.role = Join.Role.codec().decode(reader)
              break
            }
            case 3: {
              if (opts.limits?.tracks != null && obj.tracks.length === opts.limits.tracks) {
                throw new MaxLengthError('Decode error - map field "tracks" had too many elements')
              }

              if (obj.tracks.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "tracks" had too many elements')
              }

              obj.tracks.push(reader.uint32())
              break
            }
            case 4: {
              obj.natClass = Join.NatClass.codec().decode(reader)
              break
            }
            case 5: {
              obj.rttMs = reader.uint32()
              break
            }
            case 6: {
              obj.slots = reader.uint32()
              break
            }
            case 7: {
              obj.chain = reader.bytes()
              break
            }
            case 8: {
              obj.announcement = reader.bytes()
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

  export const encode = (obj: Partial<Join>): Uint8Array => {
    return encodeMessage(obj, Join.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Join>): Join => {
    return decodeMessage(buf, Join.codec(), opts)
  }
}

export interface Joined {
  trackerTime: number
  depthCap: number
  peers: number
  iceServers: IceServer[]
  announcement: Uint8Array
}

export namespace Joined {
  let _codec: Codec<Joined>

  export const codec = (): Codec<Joined> => {
    if (_codec == null) {
      _codec = message<Joined>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.trackerTime != null && obj.trackerTime !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.trackerTime)
        }

        if ((obj.depthCap != null && obj.depthCap !== 0)) {
          w.uint32(16)
          w.uint32(obj.depthCap)
        }

        if ((obj.peers != null && obj.peers !== 0)) {
          w.uint32(24)
          w.uint32(obj.peers)
        }

        if (obj.iceServers != null) {
          for (const value of obj.iceServers) {
            w.uint32(34)
            IceServer.codec().encode(value, w)
          }
        }

        if ((obj.announcement != null && obj.announcement.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.announcement)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          trackerTime: 0,
          depthCap: 0,
          peers: 0,
          iceServers: [],
          announcement: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.trackerTime = reader.uint64Number()
              break
            }
            case 2: {
              obj.depthCap = reader.uint32()
              break
            }
            case 3: {
              obj.peers = reader.uint32()
              break
            }
            case 4: {
              if (opts.limits?.iceServers != null && obj.iceServers.length === opts.limits.iceServers) {
                throw new MaxLengthError('Decode error - map field "iceServers" had too many elements')
              }

              if (obj.iceServers.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "iceServers" had too many elements')
              }

              obj.iceServers.push(IceServer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.iceServers$
              }))
              break
            }
            case 5: {
              obj.announcement = reader.bytes()
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

  export const encode = (obj: Partial<Joined>): Uint8Array => {
    return encodeMessage(obj, Joined.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Joined>): Joined => {
    return decodeMessage(buf, Joined.codec(), opts)
  }
}

export interface IceServer {
  urls: string[]
  username: string
  credential: string
}

export namespace IceServer {
  let _codec: Codec<IceServer>

  export const codec = (): Codec<IceServer> => {
    if (_codec == null) {
      _codec = message<IceServer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.urls != null) {
          for (const value of obj.urls) {
            w.uint32(10)
            w.string(value)
          }
        }

        if ((obj.username != null && obj.username !== '')) {
          w.uint32(18)
          w.string(obj.username)
        }

        if ((obj.credential != null && obj.credential !== '')) {
          w.uint32(26)
          w.string(obj.credential)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          urls: [],
          username: '',
          credential: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.urls != null && obj.urls.length === opts.limits.urls) {
                throw new MaxLengthError('Decode error - map field "urls" had too many elements')
              }

              if (obj.urls.length === 4) {
                throw new MaxLengthError('Decode error - repeated field "urls" had too many elements')
              }

              obj.urls.push(reader.string())
              break
            }
            case 2: {
              obj.username = reader.string()
              break
            }
            case 3: {
              obj.credential = reader.string()
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

  export const encode = (obj: Partial<IceServer>): Uint8Array => {
    return encodeMessage(obj, IceServer.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IceServer>): IceServer => {
    return decodeMessage(buf, IceServer.codec(), opts)
  }
}

export interface Update {
  chain: Uint8Array
  freeSlots: number
  slots: number
  lossPermille: number
  subtree: number
  lagMs: number
}

export namespace Update {
  let _codec: Codec<Update>

  export const codec = (): Codec<Update> => {
    if (_codec == null) {
      _codec = message<Update>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.chain != null && obj.chain.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.chain)
        }

        if ((obj.freeSlots != null && obj.freeSlots !== 0)) {
          w.uint32(16)
          w.uint32(obj.freeSlots)
        }

        if ((obj.slots != null && obj.slots !== 0)) {
          w.uint32(24)
          w.uint32(obj.slots)
        }

        if ((obj.lossPermille != null && obj.lossPermille !== 0)) {
          w.uint32(32)
          w.uint32(obj.lossPermille)
        }

        if ((obj.subtree != null && obj.subtree !== 0)) {
          w.uint32(40)
          w.uint32(obj.subtree)
        }

        if ((obj.lagMs != null && obj.lagMs !== 0)) {
          w.uint32(48)
          w.uint32(obj.lagMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          chain: uint8ArrayAlloc(0),
          freeSlots: 0,
          slots: 0,
          lossPermille: 0,
          subtree: 0,
          lagMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.chain = reader.bytes()
              break
            }
            case 2: {
              obj.freeSlots = reader.uint32()
              break
            }
            case 3: {
              obj.slots = reader.uint32()
              break
            }
            case 4: {
              obj.lossPermille = reader.uint32()
              break
            }
            case 5: {
              obj.subtree = reader.uint32()
              break
            }
            case 6: {
              obj.lagMs = reader.uint32()
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

  export const encode = (obj: Partial<Update>): Uint8Array => {
    return encodeMessage(obj, Update.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Update>): Update => {
    return decodeMessage(buf, Update.codec(), opts)
  }
}

export interface FindParents {
  exclude: Uint8Array[]
  orphan: boolean
}

export namespace FindParents {
  let _codec: Codec<FindParents>

  export const codec = (): Codec<FindParents> => {
    if (_codec == null) {
      _codec = message<FindParents>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.exclude != null) {
          for (const value of obj.exclude) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if ((obj.orphan != null && obj.orphan !== false)) {
          w.uint32(16)
          w.bool(obj.orphan)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          exclude: [],
          orphan: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.exclude != null && obj.exclude.length === opts.limits.exclude) {
                throw new MaxLengthError('Decode error - map field "exclude" had too many elements')
              }

              if (obj.exclude.length === 16) {
                throw new MaxLengthError('Decode error - repeated field "exclude" had too many elements')
              }

              obj.exclude.push(reader.bytes())
              break
            }
            case 2: {
              obj.orphan = reader.bool()
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

  export const encode = (obj: Partial<FindParents>): Uint8Array => {
    return encodeMessage(obj, FindParents.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FindParents>): FindParents => {
    return decodeMessage(buf, FindParents.codec(), opts)
  }
}

export interface Candidate {
  peer: Uint8Array
  depth: number
  freeSlots: number
  rttMs: number
  ageS: number
  lagMs: number
  leaves: number
}

export namespace Candidate {
  let _codec: Codec<Candidate>

  export const codec = (): Codec<Candidate> => {
    if (_codec == null) {
      _codec = message<Candidate>((obj, w, opts = {}) => {
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

        if ((obj.freeSlots != null && obj.freeSlots !== 0)) {
          w.uint32(24)
          w.uint32(obj.freeSlots)
        }

        if ((obj.rttMs != null && obj.rttMs !== 0)) {
          w.uint32(32)
          w.uint32(obj.rttMs)
        }

        if ((obj.ageS != null && obj.ageS !== 0)) {
          w.uint32(40)
          w.uint32(obj.ageS)
        }

        if ((obj.lagMs != null && obj.lagMs !== 0)) {
          w.uint32(48)
          w.uint32(obj.lagMs)
        }

        if ((obj.leaves != null && obj.leaves !== 0)) {
          w.uint32(56)
          w.uint32(obj.leaves)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: uint8ArrayAlloc(0),
          depth: 0,
          freeSlots: 0,
          rttMs: 0,
          ageS: 0,
          lagMs: 0,
          leaves: 0
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
            case 3: {
              obj.freeSlots = reader.uint32()
              break
            }
            case 4: {
              obj.rttMs = reader.uint32()
              break
            }
            case 5: {
              obj.ageS = reader.uint32()
              break
            }
            case 6: {
              obj.lagMs = reader.uint32()
              break
            }
            case 7: {
              obj.leaves = reader.uint32()
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

  export const encode = (obj: Partial<Candidate>): Uint8Array => {
    return encodeMessage(obj, Candidate.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Candidate>): Candidate => {
    return decodeMessage(buf, Candidate.codec(), opts)
  }
}

export interface Candidates {
  candidates: Candidate[]
}

export namespace Candidates {
  let _codec: Codec<Candidates>

  export const codec = (): Codec<Candidates> => {
    if (_codec == null) {
      _codec = message<Candidates>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.candidates != null) {
          for (const value of obj.candidates) {
            w.uint32(10)
            Candidate.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          candidates: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.candidates != null && obj.candidates.length === opts.limits.candidates) {
                throw new MaxLengthError('Decode error - map field "candidates" had too many elements')
              }

              if (obj.candidates.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "candidates" had too many elements')
              }

              obj.candidates.push(Candidate.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.candidates$
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

  export const encode = (obj: Partial<Candidates>): Uint8Array => {
    return encodeMessage(obj, Candidates.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Candidates>): Candidates => {
    return decodeMessage(buf, Candidates.codec(), opts)
  }
}

export interface RelaySignal {
  to: Uint8Array
  payload: Uint8Array
  signature: Uint8Array
}

export namespace RelaySignal {
  let _codec: Codec<RelaySignal>

  export const codec = (): Codec<RelaySignal> => {
    if (_codec == null) {
      _codec = message<RelaySignal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.to != null && obj.to.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.to)
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.payload)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          to: uint8ArrayAlloc(0),
          payload: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.to = reader.bytes()
              break
            }
            case 2: {
              obj.payload = reader.bytes()
              break
            }
            case 3: {
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

  export const encode = (obj: Partial<RelaySignal>): Uint8Array => {
    return encodeMessage(obj, RelaySignal.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RelaySignal>): RelaySignal => {
    return decodeMessage(buf, RelaySignal.codec(), opts)
  }
}

export interface RoomStats {
  peers: number
  depthCap: number
  slots: number
  maxDepth: number
}

export namespace RoomStats {
  let _codec: Codec<RoomStats>

  export const codec = (): Codec<RoomStats> => {
    if (_codec == null) {
      _codec = message<RoomStats>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peers != null && obj.peers !== 0)) {
          w.uint32(8)
          w.uint32(obj.peers)
        }

        if ((obj.depthCap != null && obj.depthCap !== 0)) {
          w.uint32(16)
          w.uint32(obj.depthCap)
        }

        if ((obj.slots != null && obj.slots !== 0)) {
          w.uint32(24)
          w.uint32(obj.slots)
        }

        if ((obj.maxDepth != null && obj.maxDepth !== 0)) {
          w.uint32(32)
          w.uint32(obj.maxDepth)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peers: 0,
          depthCap: 0,
          slots: 0,
          maxDepth: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peers = reader.uint32()
              break
            }
            case 2: {
              obj.depthCap = reader.uint32()
              break
            }
            case 3: {
              obj.slots = reader.uint32()
              break
            }
            case 4: {
              obj.maxDepth = reader.uint32()
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

  export const encode = (obj: Partial<RoomStats>): Uint8Array => {
    return encodeMessage(obj, RoomStats.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RoomStats>): RoomStats => {
    return decodeMessage(buf, RoomStats.codec(), opts)
  }
}

export interface Refused {
  code: number
  detail: string
}

export namespace Refused {
  let _codec: Codec<Refused>

  export const codec = (): Codec<Refused> => {
    if (_codec == null) {
      _codec = message<Refused>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== 0)) {
          w.uint32(8)
          w.uint32(obj.code)
        }

        if ((obj.detail != null && obj.detail !== '')) {
          w.uint32(18)
          w.string(obj.detail)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: 0,
          detail: ''
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
              obj.detail = reader.string()
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

  export const encode = (obj: Partial<Refused>): Uint8Array => {
    return encodeMessage(obj, Refused.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Refused>): Refused => {
    return decodeMessage(buf, Refused.codec(), opts)
  }
}

export interface LeaveRoom {}

export namespace LeaveRoom {
  let _codec: Codec<LeaveRoom>

  export const codec = (): Codec<LeaveRoom> => {
    if (_codec == null) {
      _codec = message<LeaveRoom>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
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

  export const encode = (obj: Partial<LeaveRoom>): Uint8Array => {
    return encodeMessage(obj, LeaveRoom.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LeaveRoom>): LeaveRoom => {
    return decodeMessage(buf, LeaveRoom.codec(), opts)
  }
}

export interface PublishAnnouncement {
  record: Uint8Array
}

export namespace PublishAnnouncement {
  let _codec: Codec<PublishAnnouncement>

  export const codec = (): Codec<PublishAnnouncement> => {
    if (_codec == null) {
      _codec = message<PublishAnnouncement>((obj, w, opts = {}) => {
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

  export const encode = (obj: Partial<PublishAnnouncement>): Uint8Array => {
    return encodeMessage(obj, PublishAnnouncement.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PublishAnnouncement>): PublishAnnouncement => {
    return decodeMessage(buf, PublishAnnouncement.codec(), opts)
  }
}

export interface PutPicture {
  picture: Uint8Array
}

export namespace PutPicture {
  let _codec: Codec<PutPicture>

  export const codec = (): Codec<PutPicture> => {
    if (_codec == null) {
      _codec = message<PutPicture>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.picture != null && obj.picture.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.picture)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          picture: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.picture = reader.bytes()
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

  export const encode = (obj: Partial<PutPicture>): Uint8Array => {
    return encodeMessage(obj, PutPicture.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PutPicture>): PutPicture => {
    return decodeMessage(buf, PutPicture.codec(), opts)
  }
}

export interface GetPicture {
  streamId: Uint8Array
}

export namespace GetPicture {
  let _codec: Codec<GetPicture>

  export const codec = (): Codec<GetPicture> => {
    if (_codec == null) {
      _codec = message<GetPicture>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.streamId != null && obj.streamId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.streamId)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          streamId: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.streamId = reader.bytes()
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

  export const encode = (obj: Partial<GetPicture>): Uint8Array => {
    return encodeMessage(obj, GetPicture.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GetPicture>): GetPicture => {
    return decodeMessage(buf, GetPicture.codec(), opts)
  }
}

export interface Picture {
  streamId: Uint8Array
  picture: Uint8Array
}

export namespace Picture {
  let _codec: Codec<Picture>

  export const codec = (): Codec<Picture> => {
    if (_codec == null) {
      _codec = message<Picture>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.streamId != null && obj.streamId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.streamId)
        }

        if ((obj.picture != null && obj.picture.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.picture)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          streamId: uint8ArrayAlloc(0),
          picture: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.streamId = reader.bytes()
              break
            }
            case 2: {
              obj.picture = reader.bytes()
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

  export const encode = (obj: Partial<Picture>): Uint8Array => {
    return encodeMessage(obj, Picture.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Picture>): Picture => {
    return decodeMessage(buf, Picture.codec(), opts)
  }
}
