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

export interface CertificateRecord {
  text: string
  signature: Uint8Array
}

export namespace CertificateRecord {
  let _codec: Codec<CertificateRecord>

  export const codec = (): Codec<CertificateRecord> => {
    if (_codec == null) {
      _codec = message<CertificateRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.text != null && obj.text !== '')) {
          w.uint32(10)
          w.string(obj.text)
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
          text: '',
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.text = reader.string()
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

  export const encode = (obj: Partial<CertificateRecord>): Uint8Array => {
    return encodeMessage(obj, CertificateRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CertificateRecord>): CertificateRecord => {
    return decodeMessage(buf, CertificateRecord.codec(), opts)
  }
}

export interface TrackRecord {
  id: number
  kind: TrackRecord.Kind
  codec: string
  width: number
  height: number
  frameRateMilli: number
  bitrate: number
  sampleRate: number
  channels: number
  description: Uint8Array
  temporalLayers: number
}

export namespace TrackRecord {
  export enum Kind {
    VIDEO = 'VIDEO',
    AUDIO = 'AUDIO'
  }

  enum __KindValues {
    VIDEO = 0,
    AUDIO = 1
  }

  export namespace Kind {
    export const codec = (): Codec<Kind> => {
      return enumeration<Kind>(__KindValues)
    }
  }

  let _codec: Codec<TrackRecord>

  export const codec = (): Codec<TrackRecord> => {
    if (_codec == null) {
      _codec = message<TrackRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (obj.kind != null && __KindValues[obj.kind] !== 0) {
          w.uint32(16)
          TrackRecord.Kind.codec().encode(obj.kind, w)
        }

        if ((obj.codec != null && obj.codec !== '')) {
          w.uint32(26)
          w.string(obj.codec)
        }

        if ((obj.width != null && obj.width !== 0)) {
          w.uint32(32)
          w.uint32(obj.width)
        }

        if ((obj.height != null && obj.height !== 0)) {
          w.uint32(40)
          w.uint32(obj.height)
        }

        if ((obj.frameRateMilli != null && obj.frameRateMilli !== 0)) {
          w.uint32(48)
          w.uint32(obj.frameRateMilli)
        }

        if ((obj.bitrate != null && obj.bitrate !== 0)) {
          w.uint32(56)
          w.uint32(obj.bitrate)
        }

        if ((obj.sampleRate != null && obj.sampleRate !== 0)) {
          w.uint32(64)
          w.uint32(obj.sampleRate)
        }

        if ((obj.channels != null && obj.channels !== 0)) {
          w.uint32(72)
          w.uint32(obj.channels)
        }

        if ((obj.description != null && obj.description.byteLength > 0)) {
          w.uint32(82)
          w.bytes(obj.description)
        }

        if ((obj.temporalLayers != null && obj.temporalLayers !== 0)) {
          w.uint32(88)
          w.uint32(obj.temporalLayers)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          kind: Kind.VIDEO,
          codec: '',
          width: 0,
          height: 0,
          frameRateMilli: 0,
          bitrate: 0,
          sampleRate: 0,
          channels: 0,
          description: uint8ArrayAlloc(0),
          temporalLayers: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.kind = TrackRecord.Kind.codec().decode(reader)
              break
            }
            case 3: {
              obj.codec = reader.string()
              break
            }
            case 4: {
              obj.width = reader.uint32()
              break
            }
            case 5: {
              obj.height = reader.uint32()
              break
            }
            case 6: {
              obj.frameRateMilli = reader.uint32()
              break
            }
            case 7: {
              obj.bitrate = reader.uint32()
              break
            }
            case 8: {
              obj.sampleRate = reader.uint32()
              break
            }
            case 9: {
              obj.channels = reader.uint32()
              break
            }
            case 10: {
              obj.description = reader.bytes()
              break
            }
            case 11: {
              obj.temporalLayers = reader.uint32()
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

  export const encode = (obj: Partial<TrackRecord>): Uint8Array => {
    return encodeMessage(obj, TrackRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<TrackRecord>): TrackRecord => {
    return decodeMessage(buf, TrackRecord.codec(), opts)
  }
}

export interface ManifestPayload {
  certificate?: CertificateRecord
  title: string
  description: string
  category: string
  tracks: TrackRecord[]
  pricePerSecond: string
  priceFromEpoch: number
  previewSeconds: number
  creditSeconds: number
  epochMs: number
  creatorX25519: Uint8Array
  trackers: string[]
  rev: number
  priceBefore: string
}

export namespace ManifestPayload {
  let _codec: Codec<ManifestPayload>

  export const codec = (): Codec<ManifestPayload> => {
    if (_codec == null) {
      _codec = message<ManifestPayload>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.certificate != null) {
          w.uint32(10)
          CertificateRecord.codec().encode(obj.certificate, w)
        }

        if ((obj.title != null && obj.title !== '')) {
          w.uint32(18)
          w.string(obj.title)
        }

        if ((obj.description != null && obj.description !== '')) {
          w.uint32(26)
          w.string(obj.description)
        }

        if ((obj.category != null && obj.category !== '')) {
          w.uint32(34)
          w.string(obj.category)
        }

        if (obj.tracks != null) {
          for (const value of obj.tracks) {
            w.uint32(42)
            TrackRecord.codec().encode(value, w)
          }
        }

        if ((obj.pricePerSecond != null && obj.pricePerSecond !== '')) {
          w.uint32(50)
          w.string(obj.pricePerSecond)
        }

        if ((obj.priceFromEpoch != null && obj.priceFromEpoch !== 0)) {
          w.uint32(56)
          w.uint32(obj.priceFromEpoch)
        }

        if ((obj.previewSeconds != null && obj.previewSeconds !== 0)) {
          w.uint32(64)
          w.uint32(obj.previewSeconds)
        }

        if ((obj.creditSeconds != null && obj.creditSeconds !== 0)) {
          w.uint32(72)
          w.uint32(obj.creditSeconds)
        }

        if ((obj.epochMs != null && obj.epochMs !== 0)) {
          w.uint32(80)
          w.uint32(obj.epochMs)
        }

        if ((obj.creatorX25519 != null && obj.creatorX25519.byteLength > 0)) {
          w.uint32(90)
          w.bytes(obj.creatorX25519)
        }

        if (obj.trackers != null) {
          for (const value of obj.trackers) {
            w.uint32(98)
            w.string(value)
          }
        }

        if ((obj.rev != null && obj.rev !== 0)) {
          w.uint32(104)
          w.uint32(obj.rev)
        }

        if ((obj.priceBefore != null && obj.priceBefore !== '')) {
          w.uint32(114)
          w.string(obj.priceBefore)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          title: '',
          description: '',
          category: '',
          tracks: [],
          pricePerSecond: '',
          priceFromEpoch: 0,
          previewSeconds: 0,
          creditSeconds: 0,
          epochMs: 0,
          creatorX25519: uint8ArrayAlloc(0),
          trackers: [],
          rev: 0,
          priceBefore: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.certificate = CertificateRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.certificate
              })
              break
            }
            case 2: {
              obj.title = reader.string()
              break
            }
            case 3: {
              obj.description = reader.string()
              break
            }
            case 4: {
              obj.category = reader.string()
              break
            }
            case 5: {
              if (opts.limits?.tracks != null && obj.tracks.length === opts.limits.tracks) {
                throw new MaxLengthError('Decode error - map field "tracks" had too many elements')
              }

              if (obj.tracks.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "tracks" had too many elements')
              }

              obj.tracks.push(TrackRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.tracks$
              }))
              break
            }
            case 6: {
              obj.pricePerSecond = reader.string()
              break
            }
            case 7: {
              obj.priceFromEpoch = reader.uint32()
              break
            }
            case 8: {
              obj.previewSeconds = reader.uint32()
              break
            }
            case 9: {
              obj.creditSeconds = reader.uint32()
              break
            }
            case 10: {
              obj.epochMs = reader.uint32()
              break
            }
            case 11: {
              obj.creatorX25519 = reader.bytes()
              break
            }
            case 12: {
              if (opts.limits?.trackers != null && obj.trackers.length === opts.limits.trackers) {
                throw new MaxLengthError('Decode error - map field "trackers" had too many elements')
              }

              if (obj.trackers.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "trackers" had too many elements')
              }

              obj.trackers.push(reader.string())
              break
            }
            case 13: {
              obj.rev = reader.uint32()
              break
            }
            case 14: {
              obj.priceBefore = reader.string()
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

  export const encode = (obj: Partial<ManifestPayload>): Uint8Array => {
    return encodeMessage(obj, ManifestPayload.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ManifestPayload>): ManifestPayload => {
    return decodeMessage(buf, ManifestPayload.codec(), opts)
  }
}

export interface SignedRecord {
  payload: Uint8Array
  signature: Uint8Array
}

export namespace SignedRecord {
  let _codec: Codec<SignedRecord>

  export const codec = (): Codec<SignedRecord> => {
    if (_codec == null) {
      _codec = message<SignedRecord>((obj, w, opts = {}) => {
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

  export const encode = (obj: Partial<SignedRecord>): Uint8Array => {
    return encodeMessage(obj, SignedRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedRecord>): SignedRecord => {
    return decodeMessage(buf, SignedRecord.codec(), opts)
  }
}

export interface HeadRecord {
  track: number
  seq: number
  timestampUs: number
}

export namespace HeadRecord {
  let _codec: Codec<HeadRecord>

  export const codec = (): Codec<HeadRecord> => {
    if (_codec == null) {
      _codec = message<HeadRecord>((obj, w, opts = {}) => {
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

        if ((obj.timestampUs != null && obj.timestampUs !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.timestampUs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          track: 0,
          seq: 0,
          timestampUs: 0
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
              obj.timestampUs = reader.uint64Number()
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

  export const encode = (obj: Partial<HeadRecord>): Uint8Array => {
    return encodeMessage(obj, HeadRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeadRecord>): HeadRecord => {
    return decodeMessage(buf, HeadRecord.codec(), opts)
  }
}

export interface ChainPlaceRecord {
  block: number
  blockHash: Uint8Array
  extrinsicHash: Uint8Array
  manifestHash: Uint8Array
}

export namespace ChainPlaceRecord {
  let _codec: Codec<ChainPlaceRecord>

  export const codec = (): Codec<ChainPlaceRecord> => {
    if (_codec == null) {
      _codec = message<ChainPlaceRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.block != null && obj.block !== 0)) {
          w.uint32(8)
          w.uint32(obj.block)
        }

        if ((obj.blockHash != null && obj.blockHash.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.blockHash)
        }

        if ((obj.extrinsicHash != null && obj.extrinsicHash.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.extrinsicHash)
        }

        if ((obj.manifestHash != null && obj.manifestHash.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.manifestHash)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          block: 0,
          blockHash: uint8ArrayAlloc(0),
          extrinsicHash: uint8ArrayAlloc(0),
          manifestHash: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.block = reader.uint32()
              break
            }
            case 2: {
              obj.blockHash = reader.bytes()
              break
            }
            case 3: {
              obj.extrinsicHash = reader.bytes()
              break
            }
            case 4: {
              obj.manifestHash = reader.bytes()
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

  export const encode = (obj: Partial<ChainPlaceRecord>): Uint8Array => {
    return encodeMessage(obj, ChainPlaceRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChainPlaceRecord>): ChainPlaceRecord => {
    return decodeMessage(buf, ChainPlaceRecord.codec(), opts)
  }
}

export interface AnnouncementPayload {
  streamId: Uint8Array
  manifestHash: Uint8Array
  seq: number
  at: number
  status: AnnouncementPayload.Status
  viewers: number
  heads: HeadRecord[]
  pictureHash: Uint8Array
  record?: ChainPlaceRecord
}

export namespace AnnouncementPayload {
  export enum Status {
    LIVE = 'LIVE',
    PAUSED = 'PAUSED',
    ENDED = 'ENDED'
  }

  enum __StatusValues {
    LIVE = 0,
    PAUSED = 1,
    ENDED = 2
  }

  export namespace Status {
    export const codec = (): Codec<Status> => {
      return enumeration<Status>(__StatusValues)
    }
  }

  let _codec: Codec<AnnouncementPayload>

  export const codec = (): Codec<AnnouncementPayload> => {
    if (_codec == null) {
      _codec = message<AnnouncementPayload>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.streamId != null && obj.streamId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.streamId)
        }

        if ((obj.manifestHash != null && obj.manifestHash.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.manifestHash)
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(24)
          w.uint32(obj.seq)
        }

        if ((obj.at != null && obj.at !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.at)
        }

        if (obj.status != null && __StatusValues[obj.status] !== 0) {
          w.uint32(40)
          AnnouncementPayload.Status.codec().encode(obj.status, w)
        }

        if ((obj.viewers != null && obj.viewers !== 0)) {
          w.uint32(48)
          w.uint32(obj.viewers)
        }

        if (obj.heads != null) {
          for (const value of obj.heads) {
            w.uint32(58)
            HeadRecord.codec().encode(value, w)
          }
        }

        if ((obj.pictureHash != null && obj.pictureHash.byteLength > 0)) {
          w.uint32(66)
          w.bytes(obj.pictureHash)
        }

        if (obj.record != null) {
          w.uint32(74)
          ChainPlaceRecord.codec().encode(obj.record, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          streamId: uint8ArrayAlloc(0),
          manifestHash: uint8ArrayAlloc(0),
          seq: 0,
          at: 0,
          status: Status.LIVE,
          viewers: 0,
          heads: [],
          pictureHash: uint8ArrayAlloc(0)
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
              obj.manifestHash = reader.bytes()
              break
            }
            case 3: {
              obj.seq = reader.uint32()
              break
            }
            case 4: {
              obj.at = reader.uint64Number()
              break
            }
            case 5: {
              obj.status = AnnouncementPayload.Status.codec().decode(reader)
              break
            }
            case 6: {
              obj.viewers = reader.uint32()
              break
            }
            case 7: {
              if (opts.limits?.heads != null && obj.heads.length === opts.limits.heads) {
                throw new MaxLengthError('Decode error - map field "heads" had too many elements')
              }

              if (obj.heads.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "heads" had too many elements')
              }

              obj.heads.push(HeadRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heads$
              }))
              break
            }
            case 8: {
              obj.pictureHash = reader.bytes()
              break
            }
            case 9: {
              obj.record = ChainPlaceRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.record
              })
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

  export const encode = (obj: Partial<AnnouncementPayload>): Uint8Array => {
    return encodeMessage(obj, AnnouncementPayload.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<AnnouncementPayload>): AnnouncementPayload => {
    return decodeMessage(buf, AnnouncementPayload.codec(), opts)
  }
}

export interface AnnouncementRecord {
  payload: Uint8Array
  signature: Uint8Array
  manifest: Uint8Array
}

export namespace AnnouncementRecord {
  let _codec: Codec<AnnouncementRecord>

  export const codec = (): Codec<AnnouncementRecord> => {
    if (_codec == null) {
      _codec = message<AnnouncementRecord>((obj, w, opts = {}) => {
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

        if ((obj.manifest != null && obj.manifest.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.manifest)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          payload: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          manifest: uint8ArrayAlloc(0)
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
            case 3: {
              obj.manifest = reader.bytes()
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

  export const encode = (obj: Partial<AnnouncementRecord>): Uint8Array => {
    return encodeMessage(obj, AnnouncementRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<AnnouncementRecord>): AnnouncementRecord => {
    return decodeMessage(buf, AnnouncementRecord.codec(), opts)
  }
}

export interface EdgeRecord {
  child: Uint8Array
  until: number
  signature: Uint8Array
}

export namespace EdgeRecord {
  let _codec: Codec<EdgeRecord>

  export const codec = (): Codec<EdgeRecord> => {
    if (_codec == null) {
      _codec = message<EdgeRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.child != null && obj.child.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.child)
        }

        if ((obj.until != null && obj.until !== 0)) {
          w.uint32(16)
          w.uint32(obj.until)
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
          child: uint8ArrayAlloc(0),
          until: 0,
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.child = reader.bytes()
              break
            }
            case 2: {
              obj.until = reader.uint32()
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

  export const encode = (obj: Partial<EdgeRecord>): Uint8Array => {
    return encodeMessage(obj, EdgeRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EdgeRecord>): EdgeRecord => {
    return decodeMessage(buf, EdgeRecord.codec(), opts)
  }
}

export interface ChainRecord {
  creator: Uint8Array
  root: Uint8Array
  edges: EdgeRecord[]
}

export namespace ChainRecord {
  let _codec: Codec<ChainRecord>

  export const codec = (): Codec<ChainRecord> => {
    if (_codec == null) {
      _codec = message<ChainRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.creator != null && obj.creator.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.creator)
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.root)
        }

        if (obj.edges != null) {
          for (const value of obj.edges) {
            w.uint32(26)
            EdgeRecord.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          creator: uint8ArrayAlloc(0),
          root: uint8ArrayAlloc(0),
          edges: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.creator = reader.bytes()
              break
            }
            case 2: {
              obj.root = reader.bytes()
              break
            }
            case 3: {
              if (opts.limits?.edges != null && obj.edges.length === opts.limits.edges) {
                throw new MaxLengthError('Decode error - map field "edges" had too many elements')
              }

              if (obj.edges.length === 32) {
                throw new MaxLengthError('Decode error - repeated field "edges" had too many elements')
              }

              obj.edges.push(EdgeRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.edges$
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

  export const encode = (obj: Partial<ChainRecord>): Uint8Array => {
    return encodeMessage(obj, ChainRecord.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChainRecord>): ChainRecord => {
    return decodeMessage(buf, ChainRecord.codec(), opts)
  }
}

export interface PeerRecordPayload {
  peer: Uint8Array
  streamId: Uint8Array
  trackers: string[]
  freeSlots: number
  depth: number
  at: number
}

export namespace PeerRecordPayload {
  let _codec: Codec<PeerRecordPayload>

  export const codec = (): Codec<PeerRecordPayload> => {
    if (_codec == null) {
      _codec = message<PeerRecordPayload>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peer != null && obj.peer.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.peer)
        }

        if ((obj.streamId != null && obj.streamId.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.streamId)
        }

        if (obj.trackers != null) {
          for (const value of obj.trackers) {
            w.uint32(26)
            w.string(value)
          }
        }

        if ((obj.freeSlots != null && obj.freeSlots !== 0)) {
          w.uint32(32)
          w.uint32(obj.freeSlots)
        }

        if ((obj.depth != null && obj.depth !== 0)) {
          w.uint32(40)
          w.uint32(obj.depth)
        }

        if ((obj.at != null && obj.at !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.at)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: uint8ArrayAlloc(0),
          streamId: uint8ArrayAlloc(0),
          trackers: [],
          freeSlots: 0,
          depth: 0,
          at: 0
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
              obj.streamId = reader.bytes()
              break
            }
            case 3: {
              if (opts.limits?.trackers != null && obj.trackers.length === opts.limits.trackers) {
                throw new MaxLengthError('Decode error - map field "trackers" had too many elements')
              }

              if (obj.trackers.length === 4) {
                throw new MaxLengthError('Decode error - repeated field "trackers" had too many elements')
              }

              obj.trackers.push(reader.string())
              break
            }
            case 4: {
              obj.freeSlots = reader.uint32()
              break
            }
            case 5: {
              obj.depth = reader.uint32()
              break
            }
            case 6: {
              obj.at = reader.uint64Number()
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

  export const encode = (obj: Partial<PeerRecordPayload>): Uint8Array => {
    return encodeMessage(obj, PeerRecordPayload.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerRecordPayload>): PeerRecordPayload => {
    return decodeMessage(buf, PeerRecordPayload.codec(), opts)
  }
}

export interface SignalPayload {
  from: Uint8Array
  to: Uint8Array
  streamId: Uint8Array
  nonce: Uint8Array
  at: number
  kind: SignalPayload.Kind
  sdp: string
  offerHash: Uint8Array
  candidate: string
  sdpMid: string
  sdpMLineIndex: number
}

export namespace SignalPayload {
  export enum Kind {
    OFFER = 'OFFER',
    ANSWER = 'ANSWER',
    CANDIDATE = 'CANDIDATE'
  }

  enum __KindValues {
    OFFER = 0,
    ANSWER = 1,
    CANDIDATE = 2
  }

  export namespace Kind {
    export const codec = (): Codec<Kind> => {
      return enumeration<Kind>(__KindValues)
    }
  }

  let _codec: Codec<SignalPayload>

  export const codec = (): Codec<SignalPayload> => {
    if (_codec == null) {
      _codec = message<SignalPayload>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.from != null && obj.from.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.from)
        }

        if ((obj.to != null && obj.to.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.to)
        }

        if ((obj.streamId != null && obj.streamId.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.streamId)
        }

        if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.nonce)
        }

        if ((obj.at != null && obj.at !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.at)
        }

        if (obj.kind != null && __KindValues[obj.kind] !== 0) {
          w.uint32(48)
          SignalPayload.Kind.codec().encode(obj.kind, w)
        }

        if ((obj.sdp != null && obj.sdp !== '')) {
          w.uint32(58)
          w.string(obj.sdp)
        }

        if ((obj.offerHash != null && obj.offerHash.byteLength > 0)) {
          w.uint32(66)
          w.bytes(obj.offerHash)
        }

        if ((obj.candidate != null && obj.candidate !== '')) {
          w.uint32(74)
          w.string(obj.candidate)
        }

        if ((obj.sdpMid != null && obj.sdpMid !== '')) {
          w.uint32(82)
          w.string(obj.sdpMid)
        }

        if ((obj.sdpMLineIndex != null && obj.sdpMLineIndex !== 0)) {
          w.uint32(88)
          w.uint32(obj.sdpMLineIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          from: uint8ArrayAlloc(0),
          to: uint8ArrayAlloc(0),
          streamId: uint8ArrayAlloc(0),
          nonce: uint8ArrayAlloc(0),
          at: 0,
          kind: Kind.OFFER,
          sdp: '',
          offerHash: uint8ArrayAlloc(0),
          candidate: '',
          sdpMid: '',
          sdpMLineIndex: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.from = reader.bytes()
              break
            }
            case 2: {
              obj.to = reader.bytes()
              break
            }
            case 3: {
              obj.streamId = reader.bytes()
              break
            }
            case 4: {
              obj.nonce = reader.bytes()
              break
            }
            case 5: {
              obj.at = reader.uint64Number()
              break
            }
            case 6: {
              obj.kind = SignalPayload.Kind.codec().decode(reader)
              break
            }
            case 7: {
              obj.sdp = reader.string()
              break
            }
            case 8: {
              obj.offerHash = reader.bytes()
              break
            }
            case 9: {
              obj.candidate = reader.string()
              break
            }
            case 10: {
              obj.sdpMid = reader.string()
              break
            }
            case 11: {
              obj.sdpMLineIndex = reader.uint32()
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

  export const encode = (obj: Partial<SignalPayload>): Uint8Array => {
    return encodeMessage(obj, SignalPayload.codec())
  }

  export const decode = (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignalPayload>): SignalPayload => {
    return decodeMessage(buf, SignalPayload.codec(), opts)
  }
}
