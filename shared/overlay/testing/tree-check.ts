import { chainPath } from '../../protocol/edge-chain.ts'
import type { PeerId } from '../../protocol/ids.ts'
import type { OverlaySimulation } from './overlay-simulation.ts'
import type { SimulatedPeer } from './simulated-peer.ts'

/** The peers from the creator down to this one, by who takes whose media; undefined in a loop or off the tree. */
export function pathInTree(simulation: OverlaySimulation, peer: SimulatedPeer): PeerId[] | undefined {
  const path: PeerId[] = []
  for (let at: SimulatedPeer | undefined = peer; at !== undefined; at = parentOf(simulation, at)) {
    if (path.includes(at.id)) return undefined
    path.unshift(at.id)
  }
  return path[0] === simulation.creator.id ? path : undefined
}

/** What is wrong with the tree, a sentence each. Meant for moments without moves under way. */
export function faultsOfTree(simulation: OverlaySimulation): string[] {
  const faults: string[] = []
  for (const peer of simulation.viewers) {
    const path = pathInTree(simulation, peer)
    const { chain } = peer.core.view
    if (path === undefined)
      faults.push(`${peer.id} does not hang on the creator: ${JSON.stringify(peer.core.view.phase)}`)
    else if (chain === undefined || chainPath(chain).join() !== path.join()) {
      faults.push(`${peer.id} believes in ${chain && chainPath(chain).join()}, but is at ${path.join()}`)
    }
  }
  for (const peer of [simulation.creator, ...simulation.viewers]) {
    for (const { peer: child } of peer.core.view.children) {
      const isMutual = simulation.peers.get(child)?.core.view.parent === peer.id
      if (!isMutual) faults.push(`${peer.id} feeds ${child}, which has another parent`)
    }
  }
  return faults
}

function parentOf(simulation: OverlaySimulation, peer: SimulatedPeer): SimulatedPeer | undefined {
  const { parent } = peer.core.view
  return parent === undefined ? undefined : simulation.peers.get(parent)
}
