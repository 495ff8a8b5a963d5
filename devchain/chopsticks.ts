import type * as Chopsticks from '@acala-network/chopsticks'
import { DevchainError } from './devchain-error.ts'

export type { Block, Blockchain } from '@acala-network/chopsticks'

/** The part of chopsticks that the local chain stands on, and the genesis it starts from. */
export type Loaded = Pick<
  typeof Chopsticks,
  'setup' | 'GenesisProvider' | 'Block' | 'BuildBlockMode' | 'buildBlock' | 'allHandlers' | 'destroyWorker'
> & { readonly genesis: ConstructorParameters<typeof Chopsticks.GenesisProvider>[0] }

let loading: Promise<Loaded> | undefined

/** Both are development dependencies. Throws DevchainError `not-installed`. */
export function loadChopsticks(): Promise<Loaded> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<Loaded> {
  try {
    const [chopsticks, { chainSpec }] = await Promise.all([
      quietly(() => import('@acala-network/chopsticks')),
      import('@substrate/connect-known-chains/rococo_v2_2_asset_hub'),
    ])
    const { setup, GenesisProvider, Block, BuildBlockMode, buildBlock, allHandlers, destroyWorker } =
      chopsticks
    const genesis: Loaded['genesis'] = JSON.parse(chainSpec)
    return { setup, GenesisProvider, Block, BuildBlockMode, buildBlock, allHandlers, destroyWorker, genesis }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new DevchainError(
      'not-installed',
      'The local chain needs the development packages, which are not installed: run npm install in the folder of Vilokanam, without --omit=dev.',
      { cause },
    )
  }
}

/** Its logger is made while it loads, and by default tells of every block. */
async function quietly<Result>(importing: () => Promise<Result>): Promise<Result> {
  const before = process.env['LOG_LEVEL']
  process.env['LOG_LEVEL'] = 'fatal'
  try {
    return await importing()
  } finally {
    if (before === undefined) delete process.env['LOG_LEVEL']
    else process.env['LOG_LEVEL'] = before
  }
}
