import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PolkadotChain } from '../../client/engine/chain/polkadot-chain.ts'
import { buildSite } from '../ui/site.ts'
import { Command, freePort } from './command.ts'
import type { Disposer } from './disposer.ts'
import { NodeMesh } from './node-mesh.ts'

const SAMPLE = fileURLToPath(new URL('../../sample/sample.mp4', import.meta.url))

export type PaidSceneOptions = {
  /** The chain's switches for tests. */
  readonly hasSwitches?: boolean
}

export type HeadlessPaid = {
  readonly command: Command
  /** Of the watch page. */
  readonly address: string
}

/** The built site on a tracker, and a local chain in a process of its own: what paid streams need. */
export class PaidScene {
  readonly mesh: NodeMesh
  readonly chain: PolkadotChain
  /** `ws://…` of the chain's node. */
  readonly endpoint: string
  readonly #disposer: Disposer

  private constructor(mesh: NodeMesh, chain: PolkadotChain, endpoint: string, disposer: Disposer) {
    this.mesh = mesh
    this.chain = chain
    this.endpoint = endpoint
    this.#disposer = disposer
  }

  /** All of it ends with the disposer. */
  static async start(disposer: Disposer, { hasSwitches }: PaidSceneOptions = {}): Promise<PaidScene> {
    const site = await buildSite()
    disposer.defer(() => site.remove())
    const port = await freePort()
    const flags = ['--port', String(port), ...(hasSwitches === true ? ['--switches'] : [])]
    const devchain = new Command(disposer, ['devchain', ...flags])
    await devchain.says(/Local chain at/, 60_000)
    const endpoint = `ws://127.0.0.1:${port}`
    const mesh = await NodeMesh.start(disposer, { siteDir: site.dir, chainEndpoints: [endpoint] })
    const chain = new PolkadotChain({ endpoints: [endpoint] })
    disposer.defer(() => chain.close())
    await chain.open()
    return new PaidScene(mesh, chain, endpoint, disposer)
  }

  /** Where the site is; ends with a slash. */
  get url(): string {
    return this.mesh.url
  }

  /** The sample clip, over and over, for the amount a second. `payout`: account in hex. */
  async broadcast(payout: string, price = '0.0001'): Promise<HeadlessPaid> {
    const command = new Command(this.#disposer, [
      ...['broadcast', SAMPLE, '--loop', '--title', 'Paid clip', '--tracker', this.mesh.url],
      ...['--price', price, '--payout', payout, '--folder', await temporaryFolder(this.#disposer)],
    ])
    const [, address] = await command.says(/Live: (\S+)/, 60_000)
    return { command, address: address ?? '' }
  }

  /** A method of the node, such as the switches of the local chain. */
  async rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const response = await fetch(this.endpoint.replace('ws:', 'http:'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as { result?: unknown; error?: unknown }
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
    return result
  }

  /** planck that the account has from now on, beside what it had. */
  async fund(account: string, planck: bigint): Promise<void> {
    await this.rpc('devchain_fund', account, planck.toString())
  }

  async free(account: string): Promise<bigint> {
    return (await this.chain.balance(account)).free
  }
}

export async function temporaryFolder(disposer: Disposer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vilokanam-paid-'))
  disposer.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}
