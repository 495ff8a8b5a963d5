import type { Devchain } from '../../devchain/devchain-port.ts'
import { aborted, type CommandContext } from './command-context.ts'
import { OptionError } from './option-error.ts'

export type DevchainCommandOptions = {
  readonly port: number
  readonly blockMs: number
  readonly finalityLag: number
  readonly switches: boolean
}

const STATUS_MS = 1_000

/** A local Asset Hub until the signal aborts. Throws OptionError. */
export async function devchain(
  options: DevchainCommandOptions,
  { terminal, signal, report }: CommandContext,
): Promise<void> {
  const { port, blockMs, finalityLag, switches } = options
  terminal.line('Starting a local Asset Hub…')
  const { startDevchain, DevchainError } = await import('../../devchain/index.ts')
  let chain: Devchain
  try {
    chain = await startDevchain({ port, blockMs, finalityLag, hasSwitches: switches, signal })
  } catch (error) {
    if (error instanceof DevchainError) throw new OptionError(chosenBy(error.message, error.code))
    throw error
  }
  terminal.line(
    `Local chain at ${chain.wsUrl}: play money only, on this machine only. //Alice to //Ferdie have 10,000 ROC each.`,
  )
  report({ kind: 'chain', wsUrl: chain.wsUrl })
  const timer = setInterval(() => {
    if (!signal.aborted) terminal.status(`block ${chain.best.number}, final ${chain.finalised.number}`)
  }, STATUS_MS)
  await aborted(signal)
  clearInterval(timer)
  terminal.close()
  await chain.close()
}

function chosenBy(message: string, code: string): string {
  return code === 'port-taken' || code === 'port-refused'
    ? `${message} It is given by --port (npm start: -- --chain-port).`
    : message
}
