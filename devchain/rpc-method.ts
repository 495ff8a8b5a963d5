/** Whoever asked: a WebSocket, or one HTTP request, which cannot subscribe. */
export interface RpcClient {
  /** Throws RpcError over HTTP and above the bound. The result sends to that subscription while it lasts. */
  subscribe(method: string, id: string, onCancel: () => void): (result: unknown) => void
  /** False: there is none of that id. */
  unsubscribe(id: string): boolean
}

export type RpcMethod = (params: readonly unknown[], client: RpcClient) => unknown

export type RpcMethods = ReadonlyMap<string, RpcMethod>
