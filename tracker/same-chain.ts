import type { Edge, EdgeChain } from '../shared/protocol/edge-chain.ts'

/** The same bytes: what was proven for one is proven for the other, until it runs out. */
export function sameChain(a: EdgeChain, b: EdgeChain): boolean {
  if (a === b) return true
  if (a.creator !== b.creator || a.edges.length !== b.edges.length || Buffer.compare(a.root, b.root) !== 0)
    return false
  return a.edges.every((edge, index) => sameEdge(edge, b.edges[index]))
}

function sameEdge(a: Edge, b: Edge | undefined): boolean {
  return (
    b !== undefined &&
    a.child === b.child &&
    a.untilS === b.untilS &&
    Buffer.compare(a.signature, b.signature) === 0
  )
}
