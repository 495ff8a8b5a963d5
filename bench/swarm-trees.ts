import { delay } from './clock.ts'
import { type PhaseResult, SwarmCrew } from './swarm-crew.ts'
import type { End, WorkerOptions } from './swarm-worker.ts'

/** Edges opened at a time: all at once starves each of them. */
const OPENING_AT_ONCE = 8
/** From the last peer's first frame to the window. */
const WARM_UP_MS = 3_000
/** Peers that join at a time: the window is about the running tree, so none may starve on its way in. */
const JOINING_AT_ONCE = 4
const JOIN_LIMIT_MS = 60_000
const FLOWING_LIMIT_MS = 30_000

/** The same tree with nothing but simple-peer in it. */
export async function runBare(
  options: WorkerOptions,
  parents: readonly number[],
  processes: number,
  seconds: number,
): Promise<PhaseResult> {
  const crew = await SwarmCrew.start('./swarm-bare.ts', options, processes)
  try {
    crew.on(message => {
      if (message.kind !== 'signal') return
      const { peer, parent, end } = message
      crew.tell(end === 'lower' ? peer : parent, message)
    })
    const waiting = parents.map((parent, peer) => ({ peer, parent })).slice(1)
    const open = async ({ peer, parent }: { peer: number; parent: number }): Promise<void> => {
      const opened = (end: End): Promise<true> =>
        crew.first(`the edge above ${peer}`, FLOWING_LIMIT_MS, message =>
          message.kind === 'opened' && message.peer === peer && message.end === end ? true : undefined,
        )
      const both = Promise.all([opened('upper'), opened('lower')])
      crew.tell(parent, { kind: 'open', peer, parent, end: 'upper' })
      crew.tell(peer, { kind: 'open', peer, parent, end: 'lower' })
      await both
    }
    const opener = async (): Promise<void> => {
      for (let edge = waiting.shift(); edge !== undefined; edge = waiting.shift()) await open(edge)
    }
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, opener))
    const flowing = new Set<number>()
    const all = crew.first('a first frame at each peer', FLOWING_LIMIT_MS, message => {
      if (message.kind === 'flowing') flowing.add(message.peer)
      return flowing.size === parents.length - 1 ? true : undefined
    })
    crew.tell(0, { kind: 'start' })
    await all
    await delay(WARM_UP_MS)
    return await crew.measure(seconds, () => ({ parents, moved: new Set() }))
  } finally {
    crew.stop()
  }
}

/** The engine's own tree: peers join and choose their parents themselves. */
export async function runEngine(
  options: WorkerOptions,
  peers: number,
  processes: number,
  seconds: number,
): Promise<PhaseResult> {
  const crew = await SwarmCrew.start('./swarm-engine.ts', options, processes)
  try {
    const joined = crew.first('a stream', FLOWING_LIMIT_MS, message =>
      message.kind === 'joined' ? message.streamId : undefined,
    )
    crew.tell(0, { kind: 'join', peer: 0 })
    const streamId = await joined
    crew.tell(0, { kind: 'start' })
    const waiting = Array.from({ length: peers }, (_, index) => index + 1)
    const joiner = async (): Promise<void> => {
      for (let peer = waiting.shift(); peer !== undefined; peer = waiting.shift()) {
        const flowing = crew.first(`a first frame at peer ${peer}`, JOIN_LIMIT_MS, message =>
          message.kind === 'flowing' && message.peer === peer ? true : undefined,
        )
        crew.tell(peer, { kind: 'join', peer, streamId })
        await flowing
      }
    }
    await Promise.all(Array.from({ length: JOINING_AT_ONCE }, joiner))
    await delay(WARM_UP_MS)
    return await crew.measure(seconds, measured => {
      const resident = measured.flatMap(({ peers }) => peers)
      const byId = new Map(resident.map(({ id, peer }) => [id, peer]))
      const parents = new Array<number>(peers + 1).fill(0)
      const moved = new Set<number>()
      for (const { peer, parentBefore, parentAfter } of resident) {
        if (peer === 0) continue
        parents[peer] = byId.get(parentAfter) ?? 0
        if (parentBefore !== parentAfter || !byId.has(parentAfter)) moved.add(peer)
      }
      return { parents, moved }
    })
  } finally {
    crew.stop()
  }
}
