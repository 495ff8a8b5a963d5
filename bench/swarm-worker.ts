import { performance as eventLoop } from 'node:perf_hooks'
import type { EncodedFrame } from '../client/engine/events.ts'
import { machineMs } from './clock.ts'
import { PacedStream } from './paced-stream.ts'
import { FRAME_RATE, SyntheticStream } from './synthetic-stream.ts'

/** What each worker of `bench:swarm` is started with. */
export type WorkerOptions = {
  readonly kbps: number
  /** Children a peer serves at most, creator included; unused by the bare pipe. */
  readonly slots: number
  /** Multiaddrs of the tracker; unused by the bare pipe. */
  readonly trackers: readonly string[]
}

export type ToWorker =
  /** Engine: make this peer and join; peer 0 makes the stream. */
  | { readonly kind: 'join'; readonly peer: number; readonly streamId?: string }
  /** Bare pipe: make this peer's end of the edge between `peer` and its parent. */
  | { readonly kind: 'open'; readonly peer: number; readonly parent: number; readonly end: End }
  | {
      readonly kind: 'signal'
      readonly peer: number
      readonly parent: number
      readonly end: End
      readonly data: unknown
    }
  | { readonly kind: 'start' }
  | { readonly kind: 'window-begins' }
  | { readonly kind: 'window-ends' }
  | { readonly kind: 'report' }

/** Which end of an edge a message is for: the child's (`lower`) or the parent's (`upper`). */
export type End = 'lower' | 'upper'

export type Measured = {
  readonly kind: 'measured'
  readonly peers: readonly {
    readonly peer: number
    /** Engine: its peer id, and its parent's at both ends of the window. */
    readonly id: string
    readonly parentBefore: string
    readonly parentAfter: string
    readonly times: Float64Array
  }[]
  readonly window: { readonly from: number; readonly to: number }
  readonly cpuMs: number
  readonly loopShare: number
  readonly rssBytes: number
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly rssBytes: number }
  | { readonly kind: 'joined'; readonly peer: number; readonly streamId?: string }
  | { readonly kind: 'opened'; readonly peer: number; readonly end: End }
  | {
      readonly kind: 'signal'
      readonly peer: number
      readonly parent: number
      readonly end: End
      readonly data: unknown
    }
  /** This peer has its first whole frame. */
  | { readonly kind: 'flowing'; readonly peer: number }
  | Measured
  | { readonly kind: 'failed' }

/** The stream's first minute or so passes before the window, while peers join. */
const FRAMES_KEPT = 600 * FRAME_RATE

type Resident = {
  readonly id: string
  readonly times: Float64Array
  parentOf(): string
  parentBefore: string
  parentAfter: string
}

/** What the two kinds of worker share: the stream of peer 0, the times of frames, and the window's figures. */
export class SwarmWorker {
  readonly options: WorkerOptions
  readonly #peers = new Map<number, Resident>()
  readonly #stream: PacedStream
  #push: ((frame: EncodedFrame, index: number) => void) | undefined
  #window = { from: 0, to: 0 }
  #cpu = process.cpuUsage()
  #loop = eventLoop.eventLoopUtilization()
  #measured = { cpuMs: 0, loopShare: 0, rssBytes: 0 }

  constructor(handle: (message: ToWorker) => void) {
    this.options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
    this.#stream = new PacedStream(new SyntheticStream(this.options.kbps))
    process.on('message', message => {
      handle(message as ToWorker)
      this.#receive(message as ToWorker)
    })
    process.on('disconnect', () => process.exit(0))
    this.send({ kind: 'ready', rssBytes: process.memoryUsage.rss() })
  }

  send(message: FromWorker): void {
    process.send?.(message)
  }

  addPeer(peer: number, id = '', parentOf = (): string => ''): void {
    const times = new Float64Array(FRAMES_KEPT).fill(Number.NaN)
    this.#peers.set(peer, { id, times, parentOf, parentBefore: '', parentAfter: '' })
  }

  /** Peer 0's way into the tree. */
  onFrame(push: (frame: EncodedFrame, index: number) => void): void {
    this.#push = push
  }

  mark(peer: number, frame: number): void {
    const times = this.#peers.get(peer)?.times
    if (times === undefined || !Number.isNaN(times[frame] ?? 0)) return
    times[frame] = machineMs()
  }

  #receive(message: ToWorker): void {
    switch (message.kind) {
      case 'start':
        this.#stream.start((frame, index) => {
          this.mark(0, index)
          this.#push?.(frame, index)
        })
        return
      case 'window-begins':
        this.#window = { ...this.#window, from: this.#stream.next }
        for (const resident of this.#peers.values()) resident.parentBefore = resident.parentOf()
        this.#cpu = process.cpuUsage()
        this.#loop = eventLoop.eventLoopUtilization()
        return
      case 'window-ends': {
        const { user, system } = process.cpuUsage(this.#cpu)
        const loopShare = eventLoop.eventLoopUtilization(this.#loop).utilization
        this.#measured = { cpuMs: (user + system) / 1000, loopShare, rssBytes: process.memoryUsage.rss() }
        this.#window = { ...this.#window, to: this.#stream.next }
        for (const resident of this.#peers.values()) resident.parentAfter = resident.parentOf()
        return
      }
      case 'report': {
        const peers = [...this.#peers].map(([peer, { id, parentBefore, parentAfter, times }]) => {
          return {
            peer,
            id,
            parentBefore,
            parentAfter,
            times: times.slice(0, this.#window.to || FRAMES_KEPT),
          }
        })
        this.send({ kind: 'measured', peers, window: this.#window, ...this.#measured })
        return
      }
      case 'join':
      case 'open':
      case 'signal':
        return
    }
  }
}
